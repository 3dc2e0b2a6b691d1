"""Many registers with compare-and-set, each under a key: what Maelstrom calls lin-kv."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from autograder.checkers.deciders import chains
from autograder.checkers.deciders.chains import Effect
from autograder.checkers.history import Operation
from autograder.checkers.model import MISMATCH, MISSING, Model, Outcome, State
from autograder.checkers.models import registers


def plain(operation: Operation) -> Operation:
    """The same operation on a register: without the key, and a read that found nothing has read None."""
    args = operation.args[1:]
    if operation.name == "read" and operation.error == MISSING.code:
        return replace(operation, args=args, error=None, result=None)
    return replace(operation, args=args)


def apply(state: State, operation: Operation) -> Outcome:
    """One operation on one key; None stands for a key that was never written."""
    if operation.name == "read" and state is None:
        return state, MISSING
    return registers.apply_cas(state, plain(operation))


def effect(operation: Operation) -> Effect | None:
    """The values that an operation found and left."""
    return registers.effect(plain(operation))


def tell(operation: Operation) -> str:
    """What an operation did."""
    return f"at key {operation.args[0]!r}, {registers.tell(plain(operation))}"


def alone(operation: Operation) -> str:
    """Why an operation may be impossible whatever the others did."""
    return registers.alone(plain(operation))


def noticed(operations: Sequence[Operation]) -> Callable[[Operation], bool]:
    """See `registers.noticed`."""
    found = registers.noticed(list(map(plain, operations)))
    return lambda operation: found(plain(operation))


# `read(key)` gives the value; `write(key, value)`; `cas(key, old, new)` writes `new` if the value is `old`.
CasStore = Model(
    name="store with compare-and-set",
    operations={"read": 1, "write": 2, "cas": 3},
    reads=frozenset({"read"}),
    initial=None,
    apply=apply,
    tell=tell,
    alone=alone,
    noticed=noticed,
    decide=lambda part: chains.decide(part, None, effect),
    refusals={
        "read": frozenset({MISSING.code}),
        "cas": frozenset({MISSING.code, MISMATCH.code}),
    },
)
