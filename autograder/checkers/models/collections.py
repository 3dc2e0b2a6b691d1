"""A counter, a set and a log: data types that only grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograder.checkers.deciders import counter, log
from autograder.checkers.history import Operation, short
from autograder.checkers.model import ANY, Model, Outcome, one_of
from autograder.checkers.sentences import reply


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
    try:
        distinct = frozenset(found)
    except TypeError:  # a member that nobody can have added
        return found
    return distinct if len(distinct) == len(found) else found


def entries(operation: Operation) -> Any:
    """What a read of a log gave, or the place of what was appended, if it was told."""
    if operation.name == "read":
        return tuple(operation.result) if isinstance(operation.result, list) else operation.result
    return ANY if operation.result is None else operation.result


def tell(operation: Operation) -> str:
    """What an operation did."""
    if operation.name == "read":
        return f"client {operation.client} read {short(operation.result)}"
    what = "addition" if operation.name == "add" else "append"
    told = f"client {operation.client}'s {what} of {short(operation.args[0])}"
    placed = operation.name == "append" and operation.result is not None
    return f"{told} {reply(operation, f'was told place {operation.result}' if placed else '')}"


def alone(operation: Operation) -> str:
    """Why an operation may be impossible whatever the others did."""
    if operation.name == "read":
        return "which what was added cannot have made"
    return "which nothing else makes possible"


def noticed(operations: Sequence[Operation]) -> Callable[[Operation], bool]:
    """A member or entry is noticed if it was read, or if the place of another was told."""
    found = one_of(
        item for one in operations if isinstance(one.result, list | tuple) for item in one.result
    )
    told = any(one.name == "append" and one.result is not None for one in operations)
    return lambda operation: told or found(operation.args[0])


# `add(number)` and `read()`, which gives the sum.
Counter = Model(
    name="counter",
    operations={"add": 1, "read": 0},
    reads=frozenset({"read"}),
    initial=0,
    tell=tell,
    alone=alone,
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
    tell=tell,
    alone=alone,
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
    tell=tell,
    alone=alone,
    apply=record,
    decide=log.decide,
    noticed=noticed,
    response=entries,
    keyed=False,
)
