"""The general search for an order of operations that a model allows.

Wing and Gong, "Testing and verifying concurrent objects" (1993): take any operation that may be next, go on
with the rest, take back what leads nowhere. Lowe, "Testing for linearizability" (2017): remember which
sets of operations have been tried in which state. Four things make it faster:

- What changes nothing is taken as soon as it fits, and never taken back.
- Of equal operations, only the one that must be over first is tried.
- What perhaps never happened is tried last, and only where it changes the state and if that is noticed.
- A set of operations is a bit mask from the first one on that is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from autograder.checkers.calls import Call, Part, calls_of
from autograder.checkers.model import ANY, Model, State
from autograder.checkers.timeline import FOREVER
from autograder.verdict import Verdict


class Node(NamedTuple):
    """What has been tried: all certain calls before `base` and those that `mask` has a bit for, counted
    from `base`; the optional calls in `spent`; and the state that they led to.
    """

    base: int
    mask: int
    spent: int
    state: State


class Result(NamedTuple):
    """What a search found, how many states it visited, and how many calls it placed at best, in order."""

    verdict: Verdict
    visited: int
    reached: int


def search(part: Part, model: Model, budget: int) -> Result:
    """Whether there is such an order; visits no more than `budget` states."""
    hunt = Hunt(calls_of(part, model), model)
    stack = [Node(0, 0, 0, model.initial)]
    tried: set[Node] = set()
    visited = reached = 0
    while stack:
        if visited == budget:
            return Result(Verdict.UNKNOWN, visited, reached)
        visited += 1
        node, choices = hunt.settle(stack.pop())
        reached = max(reached, node.base)
        if node.base == hunt.end:
            return Result(Verdict.PASS, visited, reached)
        following = hunt.following(node, choices)
        if len(following) > 1:  # where there is no choice, the next node with one is remembered
            if node in tried:
                continue
            tried.add(node)
        stack += following
    return Result(Verdict.FAIL, visited, reached)


class Hunt:
    """The calls of a search, and the steps from node to node."""

    def __init__(self, calls: list[Call], model: Model) -> None:
        certain = [call for call in calls if not call.optional]
        self._calls = certain
        self._first = [call.first for call in certain]
        self._last = [call.last for call in certain]
        self._pure = [call.pure for call in certain]
        self._model = model
        self._apply = model.apply
        self._optional = [call for call in calls if call.optional]
        if self._optional and model.noticed is not None:
            noticed = model.noticed([call.operation for call in calls])
            self._optional = [call for call in self._optional if noticed(call.operation)]
        self._classes = classes(self._optional, model)
        self.end = len(certain)

    def settle(self, node: Node) -> tuple[Node, tuple[list[int], int]]:
        """Take all that changes nothing; the node, what may be next, and before which slot's end."""
        base, mask, spent, state = node
        first, last, pure, calls, apply = (
            self._first,
            self._last,
            self._pure,
            self._calls,
            self._apply,
        )
        seen, horizon, end = mask, FOREVER, self.end
        choices: list[int] = []
        while True:
            bit = ~seen & (seen + 1)  # of the first call that was not seen
            i = base + bit.bit_length() - 1
            if i >= end or first[i] > horizon:
                break
            seen |= bit
            if pure[i]:
                outcome = apply(state, calls[i].operation)
                if outcome is not None and outcome[1] == calls[i].response:
                    mask |= bit
                    continue
            else:
                choices.append(i)
            if last[i] < horizon:
                horizon = last[i]
        taken = (~mask & (mask + 1)).bit_length() - 1
        return Node(base + taken, mask >> taken, spent, state), (choices, horizon)

    def following(self, node: Node, settled: tuple[list[int], int]) -> list[Node]:
        """The nodes after this one, the most promising last."""
        choices, horizon = settled
        return [*self._perhaps(node, horizon), *self._next(node, choices)]

    def _next(self, node: Node, choices: list[int]) -> Iterator[Node]:
        base, mask, spent, state = node
        if len(choices) > 1:
            choices.sort(key=self._last.__getitem__)
            first = {likeness(self._calls[i], self._model): i for i in reversed(choices)}
            choices = sorted(first.values(), key=self._last.__getitem__)
        for i in reversed(choices):
            call = self._calls[i]
            outcome = self._apply(state, call.operation)
            if outcome is not None and outcome[1] == call.response:
                yield Node(base, mask | 1 << (i - base), spent, outcome[0])

    def _perhaps(self, node: Node, horizon: int) -> Iterator[Node]:
        base, mask, spent, state = node
        for start, equal in self._classes:
            taken = (spent >> start & (1 << len(equal)) - 1).bit_count()
            if taken == len(equal) or equal[taken].first > horizon:
                continue
            call = equal[taken]
            outcome = self._apply(state, call.operation)
            if outcome is not None and outcome[1] == call.response and outcome[0] != state:
                again = call.again
                yield Node(base, mask, spent if again else spent | 1 << start + taken, outcome[0])


def classes(calls: list[Call], model: Model) -> list[tuple[int, list[Call]]]:
    """Equal calls together, in order of their first slots, and how many there are before them."""
    equal: dict[Any, list[Call]] = {}
    for call in calls:
        equal.setdefault(likeness(call, model), []).append(call)
    starts = accumulate(map(len, equal.values()), initial=0)
    return list(zip(starts, equal.values(), strict=False))


def likeness(call: Call, model: Model) -> Any:
    """What two calls have in common if it does not matter which of them is taken."""
    client = call.operation.client if model.personal else ""
    says = call.response is not ANY
    likeness = (call.operation.name, call.operation.args, says and call.response, says, client)
    try:
        hash(likeness)
    except TypeError:  # a response that no model gives
        return id(call)
    return likeness
