"""The smallest evidence that a history is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from autograder.checkers.calls import Part, is_open
from autograder.checkers.deciders.conflict import Conflict
from autograder.checkers.history import Operation
from autograder.checkers.model import Model, Outcome
from autograder.checkers.search import search
from autograder.verdict import Verdict

STATES = 20_000  # that a search for smaller evidence may visit at each of its checks


def smallest(part: Part, model: Model, conflict: Conflict | None) -> tuple[Operation, ...]:
    """The operations without any one of which a wrong part would be right; a decider has found some."""
    if conflict is None:
        places = shrink(part.fixed, lambda kept: contradict(part, model, kept))
    elif conflict.holds is None:
        places = sorted(conflict.suspects)
    else:
        places = shrink(conflict.suspects, conflict.holds)
    return tuple(part.timeline.operations[i] for i in places)


def contradict(part: Part, model: Model, kept: list[int]) -> bool:
    """Whether some operations of a part are wrong although all others may be at any time or never.

    Where it matters who asks, the others stay in the order in which their clients asked for them.
    """
    free = sorted(set(part.fixed).difference(kept))
    if model.personal:
        model = in_order(model, part)
    return search(Part(part.timeline, sorted(kept), free), model, STATES)[0] is Verdict.FAIL


def in_order(model: Model, part: Part) -> Model:
    """The model, in which a client's answered operations happen in the order in which it asked."""
    operations = part.timeline.operations
    place = {id(operations[i]): i for i in part.fixed if not is_open(operations[i])}

    def apply(state: Any, operation: Operation) -> Outcome | None:
        inner, reached = state
        outcome = model.apply(inner, operation)
        at = place.get(id(operation), len(place) + 1)
        if outcome is None or id(operation) not in place:
            return outcome and ((outcome[0], reached), outcome[1])
        if dict(reached).get(operation.client, -1) > at:
            return None
        return (outcome[0], frozenset({**dict(reached), operation.client: at}.items())), outcome[1]

    return replace(model, initial=(model.initial, frozenset()), apply=apply)


def shrink(suspects: list[int], fails: Callable[[list[int]], bool]) -> list[int]:
    """A part of the suspects that fails, and without any one of which it does not; in order.

    `fails` must hold for all of them, and for every set that has a part for which it holds. Each
    member is found by bisection: the first suspect without whom, and those after, all is well.
    """
    found: list[int] = []
    left = sorted(suspects)
    while not fails(found):
        low, high = 0, len(left)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if fails([*left[:middle], *found]) else (middle, high)
        found.append(left[high - 1])
        left = left[: high - 1]
    return sorted(found)
