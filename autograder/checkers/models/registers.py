"""Registers: one value, read and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.checkers.calls import is_open
from autograder.checkers.deciders import chains
from autograder.checkers.deciders.chains import Effect
from autograder.checkers.deciders.conflict import DoesNotApply
from autograder.checkers.history import Operation, short
from autograder.checkers.model import MISMATCH, MISSING, Model, Outcome, State, one_of
from autograder.checkers.sentences import reply


def apply(state: State, operation: Operation) -> Outcome:
    """One operation; None stands for a register that was never written."""
    if operation.name == "read":
        return state, state
    return operation.args[0], None


def apply_cas(state: State, operation: Operation) -> Outcome:
    """The same, with compare-and-set."""
    if operation.name != "cas":
        return apply(state, operation)
    old, new = operation.args
    if state is None:
        return state, MISSING
    return (new, None) if state == old else (state, MISMATCH)


def effect(operation: Operation) -> Effect | None:
    """The values that an operation found and left. A comparison that failed does not say what it found."""
    if operation.error is not None and not is_open(operation):
        if operation.name == "cas" and operation.error in (MISSING.code, MISMATCH.code):
            raise DoesNotApply
        return Effect()
    if operation.name == "read":
        return Effect() if is_open(operation) else Effect(found=operation.result)
    if operation.result is not None:
        return None
    if operation.name == "write":
        return Effect(left=operation.args[0])
    old, new = operation.args
    if old is None:
        return Effect() if is_open(operation) else None
    return Effect(old, new) if old != new else Effect(found=old)


def tell(operation: Operation) -> str:
    """What an operation did."""
    client, error = operation.client, operation.error
    if operation.name == "read":
        return f"client {client} read {short(operation.result)}"
    if operation.name == "write":
        return f"client {client}'s write of {short(operation.args[0])} {reply(operation)}"
    old, new = map(short, operation.args)
    change = f"client {client}'s change from {old} to {new}"
    if error == MISMATCH.code:
        return f"{change} was refused because the value was another"
    if error == MISSING.code:
        return f"{change} was refused because there was no value"
    return f"{change} {reply(operation)}"


def alone(operation: Operation) -> str:
    """Why an operation may be impossible whatever the others did."""
    if operation.name == "read":
        return "which nobody can have written"
    if operation.name == "write" or operation.result is not None:
        return "but a write gives nothing"
    if operation.error is not None:
        return "although there can have been no such value"
    return f"although nobody can have written {short(operation.args[0])}"


def noticed(operations: Sequence[Operation]) -> Callable[[Operation], bool]:
    """A value is noticed if it was read or compared with; or if one was found that is not another."""
    read = [one.result for one in operations if one.name == "read"]
    found = one_of(read + [one.args[0] for one in operations if one.name == "cas"])
    unequal = any(one.error == MISMATCH.code for one in operations)
    return lambda operation: unequal or found(operation.args[-1])


# `read()` gives the value, None at first; `write(value)`.
Register = Model(
    name="register",
    operations={"read": 0, "write": 1},
    reads=frozenset({"read"}),
    initial=None,
    apply=apply,
    tell=tell,
    alone=alone,
    noticed=noticed,
    decide=lambda part: chains.decide(part, None, effect),
    keyed=False,
)

# `cas(old, new)` writes `new` if the value is `old`.
CasRegister = Model(
    name="compare-and-set register",
    operations={"read": 0, "write": 1, "cas": 2},
    reads=frozenset({"read"}),
    initial=None,
    apply=apply_cas,
    tell=tell,
    alone=alone,
    noticed=noticed,
    decide=lambda part: chains.decide(part, None, effect),
    refusals={"cas": frozenset({MISSING.code, MISMATCH.code})},
    keyed=False,
)
