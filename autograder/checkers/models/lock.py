"""Locks with names."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.checkers.deciders import lock
from autograder.checkers.history import Operation
from autograder.checkers.model import ANY, Anything, Model, Outcome
from autograder.checkers.sentences import reply


def apply(state: str | None, operation: Operation) -> Outcome | None:
    """One operation on one lock; the state is who holds it."""
    if operation.name == "acquire":
        return None if state is not None else (operation.client, None)
    return (None, None) if state == operation.client else None


def response(operation: Operation) -> Anything:
    """What a lock's operations return says nothing."""
    return ANY


def tell(operation: Operation) -> str:
    """What an operation did."""
    client, name = operation.client, operation.args[0]
    if operation.returned is not None and operation.error is None:
        return f"client {client} {operation.name}d {name!r}"
    return f"client {client}'s {operation.name} of {name!r} {reply(operation)}"


def alone(operation: Operation) -> str:
    """Why an operation may be impossible whatever the others did."""
    return "although it did not hold it"


def claim(evidence: Sequence[Operation]) -> str:
    """That two clients held the lock, if operations of two show something."""
    clients = sorted({operation.client for operation in evidence})
    if len(clients) != 2:
        return ""
    return f"clients {clients[0]} and {clients[1]} held {evidence[0].args[0]!r} at the same time"


# `acquire(name)` and `release(name)`; a client that does not hold the lock cannot release it.
Lock = Model(
    name="lock",
    operations={"acquire": 1, "release": 1},
    reads=frozenset(),
    initial=None,
    apply=apply,
    response=response,
    personal=True,
    tell=tell,
    claim=claim,
    alone=alone,
    decide=lock.decide,
)
