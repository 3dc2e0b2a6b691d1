"""Evidence that a history is wrong, as small as it can be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from autograder.checkers.calls import Part, is_open
from autograder.checkers.deciders.conflict import Conflict
from autograder.checkers.history import Operation
from autograder.checkers.model import Model, Outcome
from autograder.checkers.search import Result, search
from autograder.verdict import Verdict

EFFORT = 500_000  # operations that searches for smaller evidence may try, in all
SMALL = 50  # operations of a part in which others happen only once
WINDOW = 8  # operations to begin with, to each side of where a search came to its end


class Exhausted(Exception):
    """No more searches for smaller evidence."""


def smallest(
    part: Part, model: Model, conflict: Conflict | None, came: Result
) -> tuple[Operation, ...]:
    """Operations that make a part wrong, even if all others happened at any time or never.

    If a decider found them in conflict, without any one of them it would be right. If a search came to its
    end, some may remain that need not: what takes too much effort is not taken away, and of many
    operations the others may even have happened several times. That leaves less to try, and what
    contradicts itself then does so all the more if they did not.
    """
    if conflict is None:
        places = Pruning(part, model, came).places()
    elif conflict.holds is None:
        places = conflict.suspects
    else:
        places = shrink(conflict.suspects, conflict.holds)
    return tuple(part.timeline.operations[i] for i in sorted(places))


@dataclass
class Pruning:
    """A search for smaller evidence in a part, by way of many searches."""

    part: Part
    model: Model
    came: Result
    tried: int = 0

    def __post_init__(self) -> None:
        operations = self.part.timeline.operations
        # What a state costs: each kind of operation that is left free is tried in it.
        self._kinds = len({(operations[i].name, operations[i].args) for i in self.part.fixed})

    def places(self) -> list[int]:
        """The smallest evidence that can be found with some effort."""
        return shrink(self._window(), self._fails)

    def _fails(self, kept: list[int]) -> bool:
        if self.tried > EFFORT:
            raise Exhausted
        part = self.part._replace(again=len(self.part.fixed) > SMALL)
        budget = min(10 * self.came.visited + 1_000, EFFORT // self._kinds)
        result = contradiction(part, self.model, kept, budget)
        # To begin a search is work, too.
        self.tried += result.visited * self._kinds + len(self.part.fixed) // 10
        return result.verdict is Verdict.FAIL

    def _window(self) -> list[int]:
        """Some operations around the end of the search that fail by themselves, the nearest first."""
        fixed, end, width = self.part.fixed, self.came.reached, WINDOW
        try:
            while width < len(fixed):
                some = fixed[max(0, end - width) : end + width]
                if self._fails(some):
                    return sorted(some, key=lambda i: abs(i - fixed[end]))
                width *= 4
        except Exhausted:
            pass
        return fixed


def contradiction(part: Part, model: Model, kept: list[int], budget: int) -> Result:
    """Whether some operations of a part fit the model if all others may be at any time or never.

    Where it matters who asks, the others stay in the order in which their clients asked for them.
    """
    free = sorted(set(part.fixed).difference(kept))
    if model.personal:
        model = in_order(model, part)
    return search(part._replace(fixed=sorted(kept), free=free), model, budget)


def in_order(model: Model, part: Part) -> Model:
    """The model, in which a client's answered operations happen in the order in which it asked."""
    operations = part.timeline.operations
    place = {id(operations[i]): i for i in part.fixed if not is_open(operations[i])}

    def apply(state: Any, operation: Operation) -> Outcome | None:
        inner, reached = state
        outcome = model.apply(inner, operation)
        at = place.get(id(operation))
        if outcome is None or at is None:
            return outcome and ((outcome[0], reached), outcome[1])
        if dict(reached).get(operation.client, -1) > at:
            return None
        return (outcome[0], frozenset({**dict(reached), operation.client: at}.items())), outcome[1]

    return replace(model, initial=(model.initial, frozenset()), apply=apply)


def shrink(suspects: list[int], fails: Callable[[list[int]], bool]) -> list[int]:
    """Some of the suspects that fail, and without any one of which they do not.

    `fails` must hold for all of them, and for every set that has a part for which it holds. Each
    member is found by bisection: the first suspect without whom, and those after, all is well.
    Junker, "QuickXplain" (2004). If `fails` is `Exhausted`, some remain that need not.
    """
    found: list[int] = []
    left = list(suspects)
    try:
        while left and not fails(found):
            low, high = 0, len(left)
            while high - low > 1:
                middle = (low + high) // 2
                if fails([*left[:middle], *found]):
                    high = middle
                else:
                    low = middle
            found.append(left[high - 1])
            left = left[: high - 1]
    except Exhausted:
        return [*found, *left]
    return found
