"""Which method of a node handles which message, checked before the node starts."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from types import FunctionType
from typing import Any, NamedTuple, TypeVar

from labs.node.errors import Mistake
from labs.node.messages import Message, Request, declared_reply, members, problem_with, type_name

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

MARK = "is_handler"  # a function carries it, so that it goes along where a class is sent by value

_unclaimed: list[FunctionType] = []  # decorated, and no class has taken them yet


def handler(function: FunctionT) -> FunctionT:
    """Mark a method of a `Node` as the one that handles the message type of its argument."""
    if not isinstance(function, FunctionType):
        raise Mistake(f"@handler belongs above an async def, not above {function!r}")
    _unclaimed.append(function)
    setattr(function, MARK, True)
    return function


def claim(cls: type) -> None:
    """Called as a node class is made: its handlers are the decorated functions of its body."""
    own = [function for function in _unclaimed if owner(function) == cls.__qualname__]
    for function in own:
        _unclaimed.remove(function)
        if function not in cls.__dict__.values():
            raise Mistake(
                f"{where(function)}: no message can reach the handler {function.__name__}, because "
                f"{cls.__name__} defines {function.__name__} again. Rename one of the two"
            )


class Handler(NamedTuple):
    """One handler: the method, the message that it takes, and the replies that it may return."""

    function: FunctionType
    request: type[Message]
    replies: tuple[type, ...]


@functools.cache
def handlers_of(cls: type) -> dict[str, Handler]:
    """The handlers of a node class by the name of their message; raises `Mistake` if one is wrong."""
    refuse_strays(cls)
    found: dict[str, Handler] = {}
    for function in decorated_methods(cls):
        made = read_signature(function)
        first = found.setdefault(type_name(made.request), made)
        if first is not made:
            raise Mistake(
                f"{where(function)}: {made.request.__name__} has a second handler, "
                f"{function.__name__}; the first is at {where(first.function)}. Keep one"
            )
    return found


def decorated_methods(cls: type) -> list[FunctionType]:
    """The methods of `cls`, its own and inherited ones, that carry `@handler`."""
    methods = (inspect.getattr_static(cls, name) for name in dir(cls))
    return [m for m in methods if isinstance(m, FunctionType) and hasattr(m, MARK)]


def refuse_strays(cls: type) -> None:
    """Raise `Mistake` for an `@handler` beside `cls` that belongs to no node class."""
    for function in _unclaimed:
        if function.__module__ == cls.__module__:
            raise Mistake(
                f"{where(function)}: no message can reach the handler {function.__name__}, because "
                f"it belongs to no Node class. Move it into {cls.__name__}"
            )


def read_signature(function: FunctionType) -> Handler:
    """What a handler takes and gives, from its annotations."""
    name, place = function.__name__, where(function)
    if not inspect.iscoroutinefunction(function):
        raise Mistake(f"{place}: the handler {name} must be a coroutine: write async def {name}")
    parameters = list(inspect.signature(function).parameters)
    if len(parameters) != 2:
        raise Mistake(
            f"{place}: the handler {name} takes self and one message: ({name}(self, request: ...))"
        )
    hints = annotations_of(function)
    for wanted, remedy in (
        (parameters[1], f"{parameters[1]}: TheMessage"),
        ("return", "-> TheReply"),
    ):
        if wanted not in hints:
            raise Mistake(f"{place}: the handler {name} lacks an annotation: write {remedy}")
    problem = problem_with(hints[parameters[1]])
    if problem:
        raise Mistake(f"{place}: the handler {name} cannot take its argument: {problem}")
    request = hints[parameters[1]]
    return Handler(function, request, read_replies(function, request, hints["return"]))


def annotations_of(function: FunctionType) -> dict[str, Any]:
    """The annotations, with names in them looked up; raises `Mistake` for a name that is unknown."""
    try:
        return typing.get_type_hints(function)
    except NameError as error:
        raise Mistake(
            f"{where(function)}: an annotation of {function.__name__} is unknown: {error}"
        ) from None


def read_replies(function: FunctionType, request: type[Message], given: object) -> tuple[type, ...]:
    """The types that a handler may return; they must be among those that its request declares."""
    promised = members(declared_reply(request)) if issubclass(request, Request) else (type(None),)
    replies = members(given)
    for reply in replies:
        problem = None if reply is type(None) else problem_with(reply)
        if problem is None and reply not in promised:
            names = " or ".join("None" if p is type(None) else p.__name__ for p in promised)
            problem = f"{request.__name__} is answered by {names}. Change one of the two"
        if problem:
            raise Mistake(
                f"{where(function)}: the handler {function.__name__} returns a wrong type: {problem}"
            )
    return replies


def owner(function: FunctionType) -> str:
    """The qualified name of the class in whose body a function stands; empty outside classes."""
    return function.__qualname__.rpartition(".")[0]


def where(function: FunctionType) -> str:
    """File and line of a function."""
    return f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"
