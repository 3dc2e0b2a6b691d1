"""The versioned key/value store."""

from __future__ import annotations

from typing import Any

from autograder.checkers.deciders import versions
from autograder.checkers.deciders.versions import MAYBE
from autograder.checkers.history import Operation, short
from autograder.checkers.model import MISMATCH, MISSING, Model, Outcome
from autograder.checkers.sentences import reply


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


def tell(operation: Operation) -> str:
    """What an operation did; the version of a put is the one that it makes."""
    key, error = operation.args[0], operation.error
    if operation.name == "get":
        if error == MISSING.code:
            return f"client {operation.client} found no {key!r}"
        found = response(operation)
        if isinstance(found, tuple) and len(found) == 2:
            return (
                f"client {operation.client} read version {found[1]} of {key!r} ({short(found[0])})"
            )
        return f"client {operation.client} read {short(found)} from {key!r}"
    version = operation.args[2]
    put = f"client {operation.client}'s put of version {version + 1} of {key!r}"
    if error == MISMATCH.code:
        return f"{put} was refused because {key!r} had another version than {version}"
    if error == MISSING.code:
        return f"{put} was refused because there was no {key!r}"
    return f"{put} ended with Maybe" if error == MAYBE else f"{put} {reply(operation)}"


def alone(operation: Operation) -> str:
    """Why an operation may be impossible whatever the others did."""
    if operation.name == "get":
        return "which nobody can have written"
    version = operation.args[2]
    if operation.error == MISSING.code:
        return "but version 0 asks for a key that is not there"
    if operation.error is not None:
        return f"although nobody can have written another version than {version}"
    if operation.result is not None:
        return "but a put gives nothing"
    return f"although nobody can have written version {version}"


# `get(key)` gives (value, version); `put(key, value, version)` stores if `version` is the stored one, and
# raises it by one.
VersionedStore = Model(
    name="versioned store",
    operations={"get": 1, "put": 3},
    reads=frozenset({"get"}),
    initial=(None, 0),
    apply=apply,
    refusals={
        "get": frozenset({MISSING.code}),
        "put": frozenset({MISSING.code, MISMATCH.code}),
    },
    response=response,
    doubts=frozenset({MAYBE}),
    tell=tell,
    alone=alone,
    decide=versions.decide,
)
