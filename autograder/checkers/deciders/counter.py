"""The decider for counters to which the same number is always added.

Reads say how many additions there were before them. A read of k wants k additions by its end; and a read of
k that begins later allows no more before that. Additions are made as late as possible: when they end, or
when a read wants them, and then those first that end first. No schedule has fewer at any time, so if
this one has too many, all have.
"""

from __future__ import annotations

from bisect import bisect_right
from heapq import heappop, heappush
from typing import NamedTuple

from autograder.checkers.calls import Part, is_open
from autograder.checkers.deciders.conflict import Conflict, DoesNotApply
from autograder.checkers.history import Operation
from autograder.checkers.timeline import FOREVER


class Want(NamedTuple):
    """By the end of a slot there must be so many additions: a read saw them."""

    slot: int
    number: int
    read: int


def decide(part: Part) -> Conflict | None:
    """The first conflict of a part; see `Decider`. It does not apply if different numbers are added."""
    operations, last = part.timeline
    additions: list[int] = []
    reads: list[int] = []
    for i in part.fixed:
        operation = operations[i]
        if operation.name == "add":
            if operation.error is None or is_open(operation):
                additions.append(i)
                if operation.returned is not None and operation.result is not None:
                    return Conflict([i])
        elif operation.returned is not None and operation.error is None:
            reads.append(i)
    step = step_of([operations[i] for i in additions])
    wants: list[Want] = []
    for i in reads:
        number = number_of(operations[i].result, step)
        if not 0 <= number <= len(additions):
            return Conflict([i])
        wants.append(Want(last[i], number, i))
    ends = [FOREVER if is_open(operations[i]) else last[i] for i in additions]
    return Schedule(additions, ends, wants).conflict()


def step_of(additions: list[Operation]) -> int:
    """The number that is always added."""
    steps = {addition.args[0] for addition in additions} or {1}
    step = steps.pop()
    if steps or not isinstance(step, int) or step == 0:
        raise DoesNotApply
    return step


def number_of(result: object, step: int) -> int:
    """How many additions a read saw; -1 if it is no such number."""
    return result // step if isinstance(result, int) and result % step == 0 else -1


class Schedule:
    """Additions, each with its last slot, made as late as possible."""

    def __init__(self, additions: list[int], ends: list[int], wants: list[Want]) -> None:
        self._additions, self._ends = additions, ends
        self._wants = sorted(wants)
        self._limits = limits(wants, len(additions))
        self._made = 0
        self._early: list[
            tuple[Want, int]
        ] = []  # what was made for a read, and when it would have ended

    def conflict(self) -> Conflict | None:
        """The first conflict; None if there is none."""
        begun: list[tuple[int, int]] = []  # additions that may be made, as (end, operation)
        order = zip(self._additions, self._ends, strict=True)
        following = next(order, None)
        for want in [*self._wants, Want(FOREVER - 1, 0, -1)]:
            while following is not None and following[0] <= want.slot:
                # What ends before the next one begins has to be made first.
                if conflict := self._due(begun, following[0] - 1):
                    return conflict
                heappush(begun, (following[1], following[0]))
                following = next(order, None)
            if conflict := self._due(begun, want.slot) or self._wanted(begun, want):
                return conflict
        return None

    def _due(self, begun: list[tuple[int, int]], slot: int) -> Conflict | None:
        """Make what ends by a slot."""
        while begun and begun[0][0] <= slot:
            end, _ = heappop(begun)
            if self._limits[self._made] > end:
                return self._crowd()
            self._made += 1
        return None

    def _wanted(self, begun: list[tuple[int, int]], want: Want) -> Conflict | None:
        """Make what a read wants."""
        while self._made < want.number:
            if not begun:
                return self._scarce(want)
            heappop(begun)
            if self._limits[self._made] > want.slot:
                return Conflict([self._limits[self._made], want.read])
            self._made += 1
        return None

    def _scarce(self, want: Want) -> Conflict:
        """A read saw more additions than had begun: a later one saw fewer, or too many began after it."""
        fewer = self._limits[want.number - 1]
        if fewer > want.slot:
            return Conflict([want.read, fewer])
        later = [i for i in self._additions if i > want.slot]
        return Conflict([want.read, *later[: len(self._additions) - want.number + 1]])

    def _crowd(self) -> Conflict:
        """A read saw fewer additions than were over: after another read, as few as possible, or in all."""
        late = self._limits[self._made]
        number = next(want.number for want in self._wants if want.read == late)
        over = [i for i, end in zip(self._additions, self._ends, strict=True) if end < late]
        best = Want(-1, 0, late)
        needed = number + 1 if number < len(over) else FOREVER
        for want in reversed(self._wants):
            fewer = max(0, number + 1 - want.number)
            between = len(over) - bisect_right(over, want.slot)
            if want.slot < late and fewer <= between and fewer + 1 < needed:
                best, needed = want, fewer
            if not needed:
                break
        return Conflict(sorted({best.read, late, *over[len(over) - needed :]}))


def limits(wants: list[Want], additions: int) -> list[int]:
    """For each number of additions, the last read that saw no more: no others can be before it."""
    found = [-1] * (additions + 1)
    for _, number, read in wants:
        found[number] = max(found[number], read)
    for number in range(additions):
        found[number + 1] = max(found[number], found[number + 1])
    return found
