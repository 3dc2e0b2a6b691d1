"""Models: what a data type promises, as small values."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from autograder.checkers.history import Operation
from labs.node.errors import KeyDoesNotExist, PreconditionFailed

if TYPE_CHECKING:
    from autograder.checkers.deciders.conflict import Decider


class Refused(msgspec.Struct, frozen=True):
    """The response of an operation that ends with an error and changes nothing."""

    code: int


class AnyRefusal:
    """Equal to every refusal: of a retry of which only that is known."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refused)

    __hash__ = None  # type: ignore[assignment]


class Anything:
    """Equal to every response: of an operation that got none, or whose response says nothing."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = object.__hash__


ANY, REFUSED = Anything(), AnyRefusal()
MISSING = Refused(KeyDoesNotExist.code)
MISMATCH = Refused(PreconditionFailed.code)

State = Hashable
Outcome = tuple[State, Any]  # the state afterwards, and the response


def result_of(operation: Operation) -> Any:
    """What an operation returned."""
    return operation.result


def one_of(values: Iterable[Any]) -> Callable[[Any], bool]:
    """Whether a value is one of these; at once, but for those that cannot be looked up."""
    known: set[Any] = set()
    others: list[Any] = []
    for value in values:
        try:
            known.add(value)
        except TypeError:
            others.append(value)
    return lambda value: value in known or value in others


@dataclass(frozen=True)
class Model:
    """A data type as a program that runs one operation after the other.

    `operations` says how many arguments each has, `reads` which of them never change the state, and
    `refusals` which errors are answers with a meaning. `apply` gives the state after an operation and its
    response, or None where it has to wait. `response` is the recorded response in the form in which
    `apply` gives it. With `keyed`, the first argument names one of many independent objects; with
    `personal`, it matters who asks. `tell` says what an operation did, and `alone` why one may be
    impossible whatever the others did.
    """

    name: str
    operations: Mapping[str, int]
    reads: frozenset[str]
    initial: State
    apply: Callable[[Any, Operation], Outcome | None]
    tell: Callable[[Operation], str]
    alone: Callable[[Operation], str]
    refusals: Mapping[str, frozenset[int]] = field(default_factory=dict)
    response: Callable[[Operation], Any] = result_of
    keyed: bool = True
    personal: bool = False
    # The errors that mean: perhaps it happened, and in any case a retry was refused, in whichever way.
    doubts: frozenset[int] = frozenset()
    # What several operations show, if there is more to say than that no order of them is possible.
    claim: Callable[[Sequence[Operation]], str] | None = None
    # Whether anything in a history can tell that an operation, which perhaps did not happen, did.
    noticed: Callable[[Sequence[Operation]], Callable[[Operation], bool]] | None = None
    decide: Decider | None = None  # knows faster than the search
