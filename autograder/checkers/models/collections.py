"""A counter, a set and a log: data types that only grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograder.checkers.deciders import counter, log
from autograder.checkers.history import Operation
from autograder.checkers.model import ANY, Model, Outcome


def count(state: int, operation: Operation) -> Outcome:
    """One operation on a counter."""
    return (state, state) if operation.name == "read" else (state + operation.args[0], None)


def collect(state: frozenset[Any], operation: Operation) -> Outcome:
    """One operation on a set."""
    return (state, state) if operation.name == "read" else (state | {operation.args[0]}, None)


def record(state: tuple[Any, ...], operation: Operation) -> Outcome:
    """One operation on a log."""
    if operation.name == "read":
        return state, state
    return (*state, operation.args[0]), len(state)


def members(operation: Operation) -> Any:
    """What a read of a set gave; a list in which a member stands twice is no set."""
    found = operation.result
    if operation.name != "read" or not isinstance(found, list | tuple):
        return found
    distinct = frozenset(found)
    return distinct if len(distinct) == len(found) else found


def entries(operation: Operation) -> Any:
    """What a read of a log gave, or the place of what was appended, if it was told."""
    if operation.name == "read":
        return tuple(operation.result) if isinstance(operation.result, list) else operation.result
    return ANY if operation.result is None else operation.result


def noticed(operations: Sequence[Operation]) -> Callable[[Operation], bool]:
    """A member or entry is noticed if it was read, or if the place of another was told."""
    found = [
        item for one in operations if isinstance(one.result, list | tuple) for item in one.result
    ]
    told = any(one.name == "append" and one.result is not None for one in operations)
    return lambda operation: told or operation.args[0] in found


# `add(number)` and `read()`, which gives the sum.
Counter = Model(
    name="counter",
    operations={"add": 1, "read": 0},
    reads=frozenset({"read"}),
    initial=0,
    apply=count,
    decide=counter.decide,
    keyed=False,
)

# `add(member)` and `read()`, which gives all members in any order.
Set = Model(
    name="set",
    operations={"add": 1, "read": 0},
    reads=frozenset({"read"}),
    initial=frozenset(),
    apply=collect,
    noticed=noticed,
    response=members,
    keyed=False,
)

# `append(entry)`, which gives its place (from 0) or None, and `read()`, which gives all entries.
Log = Model(
    name="log",
    operations={"append": 1, "read": 0},
    reads=frozenset({"read"}),
    initial=(),
    apply=record,
    decide=log.decide,
    noticed=noticed,
    response=entries,
    keyed=False,
)
