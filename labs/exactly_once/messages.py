"""What clerks and the server say to each other.

Every request names who asks and which of its operations this is, so that the server can tell a copy of
a request from a new one:

- `client` is the name of the clerk, which no other clerk has;
- `number` is at least 1, and higher with every operation of that clerk. A request that is sent again
  keeps its number.
"""

from __future__ import annotations

from dataclasses import dataclass

from labs.node import Message, Request, RPCError


@dataclass(frozen=True)
class GetOk(Message):
    """The value of a key; empty if there is no such key."""

    value: str


@dataclass(frozen=True)
class Get(Request[GetOk]):
    """Asks for the value of a key."""

    key: str
    client: str
    number: int


@dataclass(frozen=True)
class PutOk(Message):
    """The put was done."""


@dataclass(frozen=True)
class Put(Request[PutOk]):
    """Asks to set a key to a value."""

    key: str
    value: str
    client: str
    number: int


@dataclass(frozen=True)
class AppendOk(Message):
    """The append was done; `old` is the value that the key had before it, empty if it had none."""

    old: str


@dataclass(frozen=True)
class Append(Request[AppendOk]):
    """Asks to put `value` behind the value that a key has."""

    key: str
    value: str
    client: str
    number: int


class OldRequest(RPCError):
    """The request is a copy of one whose answer its clerk has had; nothing was done for it.

    Nobody awaits this answer: a clerk sends its next request when it has the answer to the last.
    """

    code = 1002
