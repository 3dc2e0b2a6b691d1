"""Locks with names."""

from __future__ import annotations

from autograder.checkers.deciders import lock
from autograder.checkers.history import Operation
from autograder.checkers.model import ANY, Anything, Model, Outcome


def apply(state: str | None, operation: Operation) -> Outcome | None:
    """One operation on one lock; the state is who holds it."""
    if operation.name == "acquire":
        return None if state is not None else (operation.client, None)
    return (None, None) if state == operation.client else None


def response(operation: Operation) -> Anything:
    """What a lock's operations return says nothing."""
    return ANY


# `acquire(name)` and `release(name)`; a client that does not hold the lock cannot release it.
Lock = Model(
    name="lock",
    operations={"acquire": 1, "release": 1},
    reads=frozenset(),
    initial=None,
    apply=apply,
    response=response,
    personal=True,
    decide=lock.decide,
)
