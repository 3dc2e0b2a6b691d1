"""Everything that can go wrong in a node, in one tree.

    NodeError
      RPCError                    the answer to a call is an error; has a `code`, is `definite` or not
        CallTimeout          0    no answer came in time                          indefinite
        NodeNotFound         1    there is no such node
        NotSupported        10    the node has no handler for this message
        Unavailable         11    try again later
        MalformedRequest    12    the message does not fit its type
        Crashed             13    the handler failed midway                       indefinite
        Aborted             14    the operation was given up
        KeyDoesNotExist     20
        KeyAlreadyExists    21
        PreconditionFailed  22    for example, a compare-and-set that does not compare
        TransactionConflict 30
      Mistake                     this program uses the library wrongly; says where and what to do

A **definite** error promises that the operation did not happen and never will. An indefinite one
promises nothing: it may have happened, may happen later, or never. The codes are Maelstrom's; codes
from 1000 on are free for a program's own errors, and are indefinite.
"""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any, ClassVar


class NodeError(Exception):
    """Anything that the node library raises."""


class RPCError(NodeError):
    """An answer that is an error. Raise one in a handler to answer with it.

    A subclass with a `code` of its own, from 1000 on, is how a program adds an error; the other side
    receives it as a plain `RPCError` with that code.
    """

    code: int = 13
    definite: bool = False
    by_code: ClassVar[dict[int, type[RPCError]]] = {}

    def __init__(self, text: str = "", code: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        if code is not None:
            self.code = code

    def __init_subclass__(cls) -> None:
        if cls.code < 1000:
            RPCError.by_code.setdefault(cls.code, cls)

    @staticmethod
    def from_code(code: int, text: str) -> RPCError:
        """The error that stands for `code`, ready to raise."""
        known = RPCError.by_code.get(code)
        return known(text) if known else RPCError(text, code)


class CallTimeout(RPCError):
    """No answer came in time. Says nothing about whether the request was executed."""

    code = 0


class NodeNotFound(RPCError):
    """The message names a node that does not exist."""

    code, definite = 1, True


class NotSupported(RPCError):
    """The node has no handler for this message."""

    code, definite = 10, True


class Unavailable(RPCError):
    """The node cannot do this now; it did not, and a later try may succeed."""

    code, definite = 11, True


class MalformedRequest(RPCError):
    """The message does not fit the fields of its type."""

    code, definite = 12, True


class Crashed(RPCError):
    """The handler failed midway; what it did before stays done."""

    code = 13


class Aborted(RPCError):
    """The operation was given up before it took effect."""

    code, definite = 14, True


class KeyDoesNotExist(RPCError):
    """The key has no value."""

    code, definite = 20, True


class KeyAlreadyExists(RPCError):
    """The key has a value already."""

    code, definite = 21, True


class PreconditionFailed(RPCError):
    """What the request requires of the current state does not hold."""

    code, definite = 22, True


class TransactionConflict(RPCError):
    """The transaction met another one and was not executed."""

    code, definite = 30, True


class Mistake(NodeError):
    """The program uses the library wrongly: one sentence that says where, what, and the remedy.

    Without a `place`, it is the line of the program that led here.
    """

    def __init__(self, text: str, place: str = "") -> None:
        super().__init__(f"{place}: {text}" if place else text)
        self.place = place


def where(thing: Any) -> str:
    """File and line of a function or a class; empty for what has none."""
    if isinstance(thing, FunctionType):
        return f"{thing.__code__.co_filename}:{thing.__code__.co_firstlineno}"
    try:
        return f"{inspect.getsourcefile(thing)}:{inspect.getsourcelines(thing)[1]}"
    except (OSError, TypeError):
        return ""
