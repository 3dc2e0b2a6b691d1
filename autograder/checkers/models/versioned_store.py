"""The versioned key/value store."""

from __future__ import annotations

from typing import Any

from autograder.checkers.deciders import versions
from autograder.checkers.history import Operation
from autograder.checkers.model import MISMATCH, MISSING, Model, Outcome

MAYBE = 1001  # the put was refused when it was sent again: its first sending may have taken effect


def apply(state: tuple[Any, int], operation: Operation) -> Outcome:
    """One operation on one key; version 0 stands for a key that is missing."""
    version = state[1]
    if operation.name == "get":
        return state, state if version else MISSING
    _, value, expected = operation.args
    if expected == version:
        return (value, version + 1), None
    return state, MISMATCH if version else MISSING


def response(operation: Operation) -> Any:
    """A get's value and version as a tuple."""
    return tuple(operation.result) if isinstance(operation.result, list) else operation.result


# `get(key)` gives (value, version); `put(key, value, version)` stores if `version` is the stored one, and
# raises it by one.
VersionedStore = Model(
    name="versioned store",
    operations={"get": 1, "put": 3},
    reads=frozenset({"get"}),
    initial=(None, 0),
    apply=apply,
    refusals={"get": frozenset({20}), "put": frozenset({20, 22})},
    response=response,
    doubts={MAYBE: MISMATCH.code},
    decide=versions.decide,
)
