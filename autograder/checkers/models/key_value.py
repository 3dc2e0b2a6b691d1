"""The key/value store with append, in which every request is executed exactly once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.checkers.calls import is_open
from autograder.checkers.deciders import chains
from autograder.checkers.deciders.chains import Effect
from autograder.checkers.history import Operation, short
from autograder.checkers.model import Model, Outcome
from autograder.checkers.sentences import reply


def apply(state: str, operation: Operation) -> Outcome:
    """One operation on one key; a key that is missing reads as the empty string."""
    if operation.name == "get":
        return state, state
    if operation.name == "put":
        return operation.args[1], None
    return state + operation.args[1], state


def effect(operation: Operation) -> Effect | None:
    """The values that an operation found and left."""
    name, result = operation.name, operation.result
    if is_open(operation):
        value = "" if name == "get" else operation.args[1]
        return Effect(left=value) if name == "put" else Effect(adds=value)
    if operation.error is not None:
        return Effect()
    if name == "put":
        return Effect(left=operation.args[1]) if result is None else None
    if not isinstance(result, str):
        return None
    if name == "get" or not operation.args[1]:
        return Effect(found=result)
    return Effect(result, result + operation.args[1])


def tell(operation: Operation) -> str:
    """What an operation did."""
    client, key = operation.client, operation.args[0]
    if operation.name == "get":
        return f"client {client} read {short(operation.result)} from {key!r}"
    what = f"client {client}'s {operation.name} of {short(operation.args[1])} to {key!r}"
    found = f"found {short(operation.result)}" if operation.name == "append" else ""
    return f"{what} {reply(operation, found)}"


def alone(operation: Operation) -> str:
    """Why an operation may be impossible whatever the others did."""
    return "but a put gives nothing" if operation.name == "put" else "which nobody can have written"


def noticed(operations: Sequence[Operation]) -> Callable[[Operation], bool]:
    """A value is noticed if it is part of one that was read."""
    read = {one.result for one in operations if isinstance(one.result, str)}
    return lambda operation: any(operation.args[1] in value for value in read)


# `put(key, value)`; `append(key, value)`, which gives the value before; `get(key)`, which gives the value.
KeyValue = Model(
    name="key/value store",
    operations={"get": 1, "put": 2, "append": 2},
    reads=frozenset({"get"}),
    initial="",
    apply=apply,
    tell=tell,
    alone=alone,
    noticed=noticed,
    decide=lambda part: chains.decide(part, "", effect),
)
