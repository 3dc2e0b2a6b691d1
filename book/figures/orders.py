"""Every order in which a few operations may have taken effect, and what the model answers in it.

A figure replays orders without Python. So what the model says is put into a table here: the states that
can be reached, and for each state and each point of the history the next state and the answer. The points
are the checker's own calls, and so are the slots between which each may lie.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from autograder.checkers import Finding, Model, Operation, check
from autograder.checkers.calls import Call, Part, calls_of
from autograder.checkers.timeline import timeline
from autograder.verdict import Verdict

POINTS = 8  # that a figure may have: more orders than of these fit neither a page nor a reader
State = tuple[tuple[Hashable, Hashable], ...]  # of each key that was asked for
WAITS = object()  # in the place of an answer: the operation would have to wait


class Step(NamedTuple):
    """What happens if a point comes next: the state that follows, whether the answer is the one that was
    given, and the answer; `WAITS` if there is none yet.
    """

    state: int
    right: bool
    answer: Any


@dataclass(frozen=True)
class Orders:
    """A short history, and what happens in each order of its points.

    `calls` are the points, of the `operations` at `owners`; `steps` maps a state and a point to what
    follows. State 0 is the first.
    """

    operations: list[Operation]
    last: list[int]  # the slot in which each operation returned
    calls: list[Call]
    owners: list[int]
    states: list[State]
    steps: dict[tuple[int, int], Step]
    finding: Finding
    witness: tuple[int, ...] | None  # an order that explains everything

    def may_follow(self, gone: frozenset[int]) -> list[int]:
        """The points that may come next: those before which no other must come."""
        return may_follow(self.calls, gone)

    def all(self) -> Iterator[tuple[int, ...]]:
        """Each order that the intervals allow, with and without what may never have happened."""
        for never in absences(self.calls):
            yield from self._orders((), never)

    def _orders(self, order: tuple[int, ...], gone: frozenset[int]) -> Iterator[tuple[int, ...]]:
        if len(gone) == len(self.calls):
            yield order
        for i in self.may_follow(gone):
            yield from self._orders((*order, i), gone | {i})

    def wrong_in(self, order: Sequence[int]) -> list[int]:
        """The points whose answers are not right in an order."""
        state, wrong = 0, []
        for i in order:
            step = self.steps[state, i]
            state = step.state
            if not step.right:
                wrong.append(i)
        return wrong


def orders_of(operations: Iterable[Operation], model: Model) -> Orders:
    """The orders of a history; raises `ValueError` if it is too long, `InvalidHistory` if it is none."""
    line = timeline(operations)
    calls = calls_of(Part(line, list(range(len(line.operations))), []), model)
    if not 0 < len(calls) <= POINTS:
        raise ValueError(f"a figure has 1 to {POINTS} operations with an effect, not {len(calls)}")
    states, steps = table(calls, model)
    finding = check(line.operations, model)
    found = witness(calls, steps)
    if (found is not None) != (finding.verdict is Verdict.PASS):
        raise AssertionError(f"the checker and the figure differ: {finding}, {found}")
    places = {id(operation): i for i, operation in enumerate(line.operations)}
    owners = [places[id(call.operation)] for call in calls]
    return Orders(line.operations, line.last, calls, owners, states, steps, finding, found)


def table(calls: list[Call], model: Model) -> tuple[list[State], dict[tuple[int, int], Step]]:
    """All states that some order leads to, and all steps between them."""
    numbers: dict[State, int] = {(): 0}
    steps: dict[tuple[int, int], Step] = {}
    reached = [(frozenset[int](), State())]
    seen = set(reached)
    for gone, state in reached:  # which grows
        for i in may_follow(calls, gone):
            following, right, answer = apply(calls[i], state, model)
            steps[numbers[state], i] = Step(
                numbers.setdefault(following, len(numbers)), right, answer
            )
            if (node := (gone | {i}, following)) not in seen:
                seen.add(node)
                reached.append(node)
    return list(numbers), steps


def apply(call: Call, state: State, model: Model) -> tuple[State, bool, Any]:
    """The state after a call, whether its answer is the one that was given, and the answer."""
    operation, of = call.operation, dict(state)
    key = operation.args[0] if model.keyed else None
    outcome = model.apply(of.get(key, model.initial), operation)
    if outcome is None:
        return state, False, WAITS
    after, answer = outcome
    of[key] = after
    return tuple(sorted(of.items(), key=repr)), bool(answer == call.response), answer


def may_follow(calls: list[Call], gone: frozenset[int]) -> list[int]:
    """The points that may come after those that are gone: no other must come before."""
    left = [i for i in range(len(calls)) if i not in gone]
    end = min((calls[i].last for i in left), default=0)
    return [i for i in left if calls[i].first <= end]


def absences(calls: list[Call]) -> Iterator[frozenset[int]]:
    """Each choice of what never happened, the largest first."""
    optional = [i for i, call in enumerate(calls) if call.optional]
    for size in range(len(optional), -1, -1):
        yield from map(frozenset, combinations(optional, size))


def witness(calls: list[Call], steps: dict[tuple[int, int], Step]) -> tuple[int, ...] | None:
    """An order in which every answer is right, if there is one; with little that need not have happened."""

    def go_on(order: tuple[int, ...], gone: frozenset[int], state: int) -> tuple[int, ...] | None:
        if len(gone) == len(calls):
            return order
        for i in may_follow(calls, gone):
            step = steps[state, i]
            if step.right and (found := go_on((*order, i), gone | {i}, step.state)) is not None:
                return found
        return None

    tried = (go_on((), never, 0) for never in absences(calls))
    return next((found for found in tried if found is not None), None)
