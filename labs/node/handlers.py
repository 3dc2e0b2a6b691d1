"""Which method of a node handles which message, checked before the node starts."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from types import FunctionType
from typing import Any, NamedTuple, TypeVar

from labs.node.errors import Mistake, where
from labs.node.messages import (
    Form,
    Message,
    Request,
    cached,
    declared_reply,
    form_of,
    members,
    name_of,
    problem_with,
)

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

MARK = "is_handler"  # a function carries it, so that it goes along where a class is sent by value

_unclaimed: list[FunctionType] = []  # decorated, and no class has taken them yet


class Handler(NamedTuple):
    """One handler: the method, the message that it takes, and the replies that it may return."""

    function: FunctionType
    form: Form
    replies: tuple[type, ...]


def handler(function: FunctionT) -> FunctionT:
    """Mark a method of a `Node` as the one that handles the message type of its argument."""
    if not isinstance(function, FunctionType):
        raise Mistake(f"@handler belongs directly above an async def, not above {function!r:.80}")
    _unclaimed.append(function)
    setattr(function, MARK, True)
    return function


def claim(cls: type) -> None:
    """Called as a node class is made: take its handlers, and refuse one that it defines twice."""
    mine = handling_methods(cls)
    body = cls.__module__, cls.__qualname__
    for function in list(_unclaimed):
        if function in mine:
            _unclaimed.remove(function)
        elif (function.__module__, function.__qualname__.rpartition(".")[0]) == body:
            _unclaimed.remove(function)
            raise unreachable(
                function, f"{cls.__name__} defines that name again below: rename one of the two"
            )


@cached
def handlers_of(cls: type) -> dict[str, Handler]:
    """The handlers of a node class by the name of their message; raises `Mistake` if one is wrong."""
    refuse_strays(cls)
    found: dict[str, Handler] = {}
    for function in handling_methods(cls):
        made = read_signature(function)
        first = found.setdefault(made.form.name, made)
        if first is not made:
            raise Mistake(
                f"{function.__name__} is a second handler for '{made.form.name}'; the first is "
                f"{first.function.__name__} at {where(first.function)}: keep one of the two",
                where(function),
            )
    return found


def handling_methods(cls: type) -> list[FunctionType]:
    """The methods of `cls`, its own and inherited ones, that carry `@handler`, as they are written."""
    methods = (inspect.getattr_static(cls, name) for name in dir(cls))
    found = [m for m in methods if isinstance(m, FunctionType) and hasattr(m, MARK)]
    return sorted(found, key=lambda m: (m.__code__.co_filename, m.__code__.co_firstlineno))


def refuse_strays(cls: type) -> None:
    """Raise `Mistake` for a handler in the file of `cls` that belongs to no node class."""
    for function in _unclaimed:
        if function.__module__ == cls.__module__:
            _unclaimed.remove(function)  # said once: a notebook keeps what it ran before
            raise unreachable(
                function, f"it stands in no Node class: move it into the body of {cls.__name__}"
            )


def unreachable(function: FunctionType, why: str) -> Mistake:
    """The report of a handler that cannot be reached."""
    return Mistake(
        f"no message reaches the handler {function.__name__}, because {why}", where(function)
    )


def read_signature(function: FunctionType) -> Handler:
    """What a handler takes and gives, from its annotations."""
    name = function.__name__
    if inspect.isasyncgenfunction(function):
        raise wrong(function, "yields: let it return its one reply")
    if not inspect.iscoroutinefunction(function):
        raise wrong(function, f"is no coroutine: write async def {name}")
    parameters = list(inspect.signature(function).parameters)
    if len(parameters) != 2:
        raise wrong(
            function,
            f"must take self and one message: write async def {name}(self, request: TheMessage)",
        )
    hints, argument = annotations_of(function), parameters[1]
    if argument not in hints:
        raise wrong(function, f"does not say which message it takes: write {argument}: TheMessage")
    request = checked(function, hints[argument])
    promised = members(declared_reply(request)) if issubclass(request, Request) else (type(None),)
    if "return" not in hints:
        raise wrong(function, f"does not say what it returns: write -> {either(promised)}")
    return Handler(function, form_of(request), read_replies(function, hints["return"], promised))


def annotations_of(function: FunctionType) -> dict[str, Any]:
    """The annotations, with names in them looked up; raises `Mistake` for a name that is unknown."""
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError, SyntaxError) as error:
        raise wrong(
            function, f"has an annotation that means nothing: {error}. Import or define it above"
        ) from None


def checked(function: FunctionType, cls: Any) -> type[Message]:
    """The message class that an annotation names; raises `Mistake` if it is none."""
    problem = problem_with(cls)
    if problem is None:
        return typing.cast(type[Message], cls)
    if isinstance(cls, type) and (
        issubclass(cls, Message) or cls.__module__ == function.__module__
    ):
        raise Mistake(problem, where(cls))
    raise wrong(function, f"has a wrong annotation: {problem}")


def read_replies(
    function: FunctionType, annotation: object, promised: tuple[Any, ...]
) -> tuple[type, ...]:
    """The types that a handler may return; they must be among those that its request promises."""
    replies = members(annotation)
    for reply in replies:
        if reply not in promised:
            raise wrong(
                function,
                f"returns {name_of(reply)}, and its message promises {either(promised)}: "
                "change one of the two",
            )
        if reply is not type(None):
            checked(function, reply)
    return replies


def wrong(function: FunctionType, what: str) -> Mistake:
    """The report of a handler whose signature is wrong."""
    return Mistake(f"the handler {function.__name__} {what}", where(function))


def either(replies: tuple[Any, ...]) -> str:
    """Several reply types in words."""
    return " | ".join("None" if reply is type(None) else name_of(reply) for reply in replies)
