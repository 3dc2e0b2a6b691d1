"""The decider for the append-only log: places and reads say in which order the appends happened.

State i is a log of i entries. The longest read shows the entries up to its length; an append that was not
told its place is the one that wrote what stands there, if only one of these wrote that.
"""

from __future__ import annotations

from typing import Any

from autograder.checkers.calls import Part, is_open
from autograder.checkers.deciders import succession
from autograder.checkers.deciders.conflict import Conflict, DoesNotApply
from autograder.checkers.deciders.ladder import Ladder
from autograder.checkers.deciders.succession import Succession
from autograder.checkers.history import Operation


def decide(part: Part) -> Conflict | None:
    """The first conflict of a part; see `Decider`.

    It does not apply if it is not known which append wrote an entry, or if of the acknowledged appends some
    were told their places and others were not.
    """
    try:
        return succession.decide(part, read, appends_of)
    except TypeError:  # an entry that cannot be looked up
        raise DoesNotApply from None


def appends_of(part: Part, start: int, stop: int) -> set[int]:
    """The appends that may have made certain entries."""
    operations = part.timeline.operations
    return {
        i
        for i in part.fixed
        if operations[i].name == "append"
        and ((place := place_of(operations[i])) is None or start <= place <= stop)
    }


def place_of(append: Operation) -> int | None:
    """The place that an append was told; None if it was told none."""
    told = append.error is None and append.returned is not None and isinstance(append.result, int)
    return append.result if told else None


def read(part: Part, start: int, stop: int) -> Succession:
    """What the operations say of each length of the log."""
    return Entries(part, start, stop).found


class Entries:
    """The entries from one place to another."""

    def __init__(self, part: Part, start: int, stop: int) -> None:
        self._operations, last = part.timeline
        self.found = Succession(Ladder(last), lambda i: self._operations[i].args[0])
        self._start, self._stop = start, stop
        self._free = set(part.free)
        self._reads: list[int] = []
        self._places: dict[int, list[int]] = {}  # the appends that were told a place
        self._unplaced: list[int] = []  # and those that were not
        for i in sorted((*part.fixed, *part.free)):
            self._sort(i, self._operations[i])
        self._check()
        longest = self._show()
        self._take_placed()
        self._take_unplaced(longest)

    def _sort(self, i: int, operation: Operation) -> None:
        """Note of which kind an operation is; those that say nothing are of none."""
        result = operation.result
        if is_open(operation):
            if operation.name == "append":
                self._unplaced.append(i)
        elif operation.error is None:
            if operation.name == "read" and isinstance(result, list | tuple):
                self._reads.append(i)
            elif operation.name == "append" and result is None:
                self._unplaced.append(i)
            elif operation.name == "append" and isinstance(result, int) and result >= 0:
                self._places.setdefault(result, []).append(i)
            else:
                self.found.cannot_be(i)

    def _check(self) -> None:
        """Raise `DoesNotApply` if some appends were told their places and others were not."""
        untold = [i for i in self._unplaced if not is_open(self._operations[i])]
        if untold and self._places:
            raise DoesNotApply
        self.found.whole = bool(self._unplaced)

    def _show(self) -> list[Any]:
        """Note what the reads found; the entries of the longest."""
        if not self._reads:
            return []
        by = max(self._reads, key=lambda i: len(self._operations[i].result))
        if self._unplaced:
            self.found.telling.add(by)
        longest = list(self._operations[by].result)
        for state in range(self._start, min(len(longest), self._stop + 1)):
            self.found.show(state + 1, by, longest[state])
        for i in self._reads:
            entries = list(self._operations[i].result)
            self.found.seen(len(entries), i)
            if entries != longest[: len(entries)]:
                pairs = zip(entries, longest, strict=False)
                place = next(n for n, (a, b) in enumerate(pairs) if a != b)
                self.found.cannot_both_be(i, by, place)
        return longest

    def _take_placed(self) -> None:
        """Note the appends that were told a place."""
        for place, appends in self._places.items():
            for i in appends:
                self._make(place, i)

    def _make(self, place: int, i: int) -> None:
        operation = self._operations[i]
        if i in self._free:
            self.found.perhaps.setdefault(place, []).append((-1, i))
        elif is_open(operation):
            self.found.perhaps.setdefault(place, []).append((i, i))
        else:
            self.found.made(place, i)

    def _take_unplaced(self, longest: list[Any]) -> None:
        """Find the places of the other appends: where their values were read, or beyond that."""
        wanted: dict[Any, int] = {}
        for place, value in enumerate(longest):
            told = self._places.get(place, ())
            if all(self._operations[i].args[0] != value for i in told):
                wanted.setdefault(value, place)
        beyond: list[int] = []
        placed: set[int] = set()
        for i in self._unplaced:
            found = wanted.get(self._operations[i].args[0])
            if found is None:
                beyond.append(i)
            elif found in placed:
                raise DoesNotApply
            else:
                placed.add(found)
                self._make(found, i)
        self._take_beyond(beyond, len(longest))

    def _take_beyond(self, appends: list[int], length: int) -> None:
        """Place those that were not read: they fill gaps, or come after all others."""
        top = max(max(self._places, default=-1) + 1, length)
        certain: list[int] = []
        perhaps: list[tuple[int, int]] = []  # with the first slot for each
        for i in appends:
            if i in self._free or is_open(self._operations[i]):
                perhaps.append((-1 if i in self._free else i, i))
            else:
                certain.append(i)
        perhaps.sort()
        gaps = (n for n in range(max(length, self._start), top) if n not in self._places)
        for gap, chance in zip(gaps, perhaps, strict=False):
            self.found.perhaps[gap] = [chance]
        self.found.telling.update(i for slot, i in perhaps if slot >= 0)
        self.found.perhaps.setdefault(top, []).extend((i, i) for i in certain)
        for i in certain:
            self.found.ladder.before(top, i)
