"""What the search has to place: the calls that the operations of a history amount to."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograder.checkers.history import Operation
from autograder.checkers.model import ANY, REFUSED, Model, Refused
from autograder.checkers.timeline import FOREVER, Timeline
from labs.node.errors import RPCError


class Part(NamedTuple):
    """Some operations of a history, by their places in its timeline, in order.

    Those of `free` may have happened at any time or never; with the response that they got, if they did.
    With `again`, also more than once.
    """

    timeline: Timeline
    fixed: list[int]
    free: list[int]
    again: bool = False


class Call(NamedTuple):
    """Something that happened in one of the slots from `first` to `last`, or perhaps never.

    It may happen only where the model gives `response`. A `pure` call changes nothing wherever it happens.
    With `again`, it may also happen several times.
    """

    first: int
    last: int
    operation: Operation
    response: Any
    pure: bool = False
    optional: bool = False
    again: bool = False


def is_definite(error: int) -> bool:
    """Whether an error promises that the operation did not and never will happen."""
    return error in RPCError.by_code and RPCError.by_code[error].definite


def is_open(operation: Operation) -> bool:
    """Whether an operation may still happen, or not: it got no response, or an indefinite error."""
    error = operation.error
    return operation.returned is None or (error is not None and not is_definite(error))


def calls_of(part: Part, model: Model) -> list[Call]:
    """The calls of a part, in order of their first slots."""
    operations, last = part.timeline
    free = [
        call._replace(first=-1, last=FOREVER, optional=True, again=part.again)
        for i in part.free
        for call in calls_for(operations[i], i, last[i], model)
        if not call.pure
    ]
    calls, reads, response = free, model.reads, model.response
    for i in part.fixed:
        operation = operations[i]
        if operation.error is None and operation.returned is not None:
            pure = operation.name in reads
            calls.append(Call(i, last[i], operation, response(operation), pure))
        else:
            calls += calls_for(operation, i, last[i], model)
    return calls


def calls_for(operation: Operation, first: int, last: int, model: Model) -> list[Call]:
    """The calls that one operation amounts to; none for one that did not happen or says nothing."""
    error, reads = operation.error, operation.name in model.reads
    if operation.returned is not None:
        if error is None:
            return [Call(first, last, operation, model.response(operation), pure=reads)]
        if error in model.refusals.get(operation.name, ()):
            return [Call(first, last, operation, Refused(error), pure=True)]
        if is_definite(error):
            return []
    if reads:
        return []
    calls = [Call(first, FOREVER, operation, ANY, optional=True)]
    if error is not None and error in model.doubts:
        calls.append(Call(first, last, operation, REFUSED, pure=True))
    return calls
