"""Data types whose states are numbered: each change leads from state i to state i + 1.

The operations that changed state 0, 1, 2 and so on are known where they were answered, and among few where
they were not; see `Ladder` for the moments at which they did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograder.checkers.calls import Part
from autograder.checkers.deciders.conflict import Conflict
from autograder.checkers.deciders.ladder import Ladder
from autograder.checkers.timeline import FOREVER


class Trouble(NamedTuple):
    """Operations that contradict each other; and the first and last state whose changes matter for that."""

    suspects: Iterable[int]
    start: int = 0
    stop: int = 0


class Shown(NamedTuple):
    """What an operation says about the change that led to a state."""

    by: int
    value: Any


@dataclass
class Succession:
    """What the operations of a part say of each state.

    `maker` is the answered operation that left a state, `perhaps` are those that may have done so, each
    with the first slot for it. `value` is what an operation wrote.
    """

    ladder: Ladder
    value: Callable[[int], Any]
    maker: dict[int, int] = field(default_factory=dict)
    perhaps: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    shown: dict[int, Shown] = field(default_factory=dict)
    whole: bool = False  # which states some operations left depends on what happened in all others
    telling: set[int] = field(default_factory=set)  # and on these, even if they bound nothing
    wrong: Trouble | None = None  # the first operation that cannot be, whatever the others did
    twice: Trouble | None = None  # the first two that cannot both be, whatever their times

    def made(self, state: int, i: int) -> None:
        """Operation i led from a state to the next."""
        ladder = self.ladder
        ladder.after(state, i)
        ladder.before(state, i)
        maker = self.maker.setdefault(state, i)
        if maker != i:
            self.cannot_both_be(maker, i, state)
            self.perhaps.setdefault(state, []).append((i, i))

    def seen(self, state: int, i: int) -> None:
        """Operation i found a state."""
        self.ladder.after(state, i)
        if state:
            self.ladder.before(state - 1, i)

    def show(self, state: int, i: int, value: Any) -> None:
        """Operation i found that the change that led to a state wrote a value."""
        shown = self.shown.setdefault(state, Shown(i, value))
        if shown.by != i and shown.value != value:
            self.cannot_both_be(shown.by, i, state - 1)

    def cannot_be(self, i: int) -> None:
        """No model gives this response, whatever the others did."""
        self.wrong = self.wrong or Trouble([i])

    def cannot_both_be(self, i: int, j: int, state: int) -> None:
        """Two operations left a state, or say so, in different ways."""
        self.twice = self.twice or Trouble([i, j], state, state)

    def trouble(self, start: int = 0, stop: int = FOREVER) -> Trouble | None:
        """The first contradiction, None if there is none; only states from `start` to `stop` matter."""
        if self.wrong:
            return self.wrong
        top = max(max(self.maker, default=-1) + 1, max(self.shown, default=0), start)
        top = min(top, stop + 1)
        earliest: dict[int, int] = {}
        for state in range(start, top):
            if state not in self.maker:
                first = self.first_chance(state)
                if first is None:
                    return self.unmade(state)
                earliest[state] = first
            elif state + 1 in self.shown and not self.agree(state):
                if self.first_chance(state) is None:
                    return Trouble([self.shown[state + 1].by], state, state)
                self.cannot_both_be(self.maker[state], self.shown[state + 1].by, state)
        if self.twice:
            return self.twice
        while top <= stop and (first := self.first_chance(top)) is not None:
            earliest[top] = first
            top += 1
        earliest[top] = FOREVER
        return self.late(start, min(top, stop) + 1, earliest)

    def agree(self, state: int) -> bool:
        """Whether the one that left a state wrote what was found in the next."""
        return bool(self.value(self.maker[state]) == self.shown[state + 1].value)

    def first_chance(self, state: int) -> int | None:
        """The first slot in which a state can have been left with the value found in the next."""
        shown = self.shown.get(state + 1)
        return min(
            (
                slot
                for slot, i in self.perhaps.get(state, ())
                if shown is None or self.value(i) == shown.value
            ),
            default=None,
        )

    def unmade(self, state: int) -> Trouble:
        """What shows that a state was left, although nobody can have done it."""
        beyond = {at + 1: i for at, i in self.maker.items() if at > state}
        beyond |= {at: shown.by for at, shown in self.shown.items() if at > state}
        return Trouble([beyond[min(beyond)]], state, state)

    def late(self, start: int, stop: int, earliest: dict[int, int]) -> Trouble | None:
        """States that were not left in time."""
        ladder = self.ladder
        stuck = ladder.stuck(start, stop, earliest)
        if stuck is None:
            return None
        start = max(start, ladder.window(stuck, earliest))
        suspects = ladder.bounding(start, stuck + 1)
        for state in range(start, stuck + 1):
            suspects.update(i for slot, i in self.perhaps.get(state, ()) if slot >= 0)
            if state + 1 in self.shown:
                suspects.add(self.shown[state + 1].by)
        return Trouble(suspects, start, stuck + 1)  # what failed there may need the next change


# What the operations of a part say, of the states from one to another.
Read = Callable[[Part, int, int], Succession]


def decide(
    part: Part, read: Read, changes: Callable[[Part, int, int], set[int]]
) -> Conflict | None:
    """The first conflict of a part, see `Decider`; `changes` gives what may have left some states."""
    found = read(part, 0, FOREVER)
    trouble = found.trouble()
    if trouble is None:
        return None
    suspects, start, stop = trouble
    suspects = found.telling.union(suspects)
    if found.whole:
        start, stop = 0, FOREVER
    relevant = changes(part, start, stop)

    def holds(kept: list[int]) -> bool:
        less = Part(part.timeline, sorted(kept), sorted(relevant.difference(kept)))
        return read(less, start, stop).trouble(start, stop) is not None

    return Conflict(sorted(suspects), holds)
