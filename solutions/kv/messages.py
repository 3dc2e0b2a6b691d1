"""What clerks and servers of the versioned store say to each other, and the errors that they know."""

from __future__ import annotations

from dataclasses import dataclass

from labs.node import Message, Request, RPCError


@dataclass(frozen=True)
class GetOk(Message):
    """The value of a key, and how many puts have made it."""

    value: str
    version: int


@dataclass(frozen=True)
class Get(Request[GetOk]):
    """Asks for the value of a key. The answer may be the error KeyDoesNotExist."""

    key: str


@dataclass(frozen=True)
class PutOk(Message):
    """The put was done: the version is now one higher."""


@dataclass(frozen=True)
class Put(Request[PutOk]):
    """Asks to set a key to a value, if its version is still `version`; 0 creates the key.

    The answer may be an error, and then nothing has been changed: KeyDoesNotExist if there is no such
    key and `version` is not 0, PreconditionFailed if the key has another version.
    """

    key: str
    value: str
    version: int


class Maybe(RPCError):
    """A put may have been done, or not: its request was sent more than once, and a reply was lost.

    The server never says this. A clerk raises it.
    """

    code = 1001
