"""States that follow one another in a known order, and the moments at which each is left.

Let T(i) be the moment at which state i becomes state i + 1. What happens in a state, and what leads from
one to the next, bounds one T from below or above. What found *another* state than i, in the slots from a to
b, was not strictly between T(i - 1) and T(i): a <= T(i - 1) or T(i) <= b. That couples neighbours only, so
one pass that keeps all possible T(i) is exact. These are few intervals: at most one more than there
are such operations on state i.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from autograder.checkers.timeline import FOREVER

Spans = list[tuple[int, int]]  # intervals of slots, in order of both ends


@dataclass
class Ladder:
    """What bounds the moments: for each state, the operations that do so most tightly."""

    last: list[int]
    low: dict[int, int] = field(default_factory=dict)  # T(i) is at or after this one's invocation
    high: dict[int, int] = field(default_factory=dict)  # and at or before this one's last slot
    others: dict[int, list[int]] = field(default_factory=dict)  # found another state than i

    def after(self, state: int, operation: int) -> None:
        """The state was still there when the operation was invoked."""
        if self.low.get(state, -1) < operation:
            self.low[state] = operation

    def before(self, state: int, operation: int) -> None:
        """The state had been left before the operation returned."""
        known = self.high.get(state)
        if known is None or self.last[operation] < self.last[known]:
            self.high[state] = operation

    def stuck(self, start: int, stop: int, earliest: dict[int, int]) -> int | None:
        """The first state that could not be left in time, of those from `start` on; None if there is none.

        `earliest` bounds some moments further from below; nothing is known of what was before `start`.
        """
        spans: Spans = [(-1, FOREVER if start else -1)]
        last, low, high, others = self.last, self.low, self.high, self.others
        for i in range(start, stop):
            begin = max(low.get(i, -1), earliest.get(i, -1))
            limit = high.get(i)
            end = FOREVER if limit is None else last[limit]
            soonest = spans[0][0]
            demands = i in others and [
                (a, last[a]) for a in others[i] if a > soonest and last[a] < end
            ]
            if demands:
                spans = follow(spans, begin, end, demands)
            else:
                begin = max(begin, soonest)
                spans = [(begin, end)] if begin <= end else []
            if not spans:
                return i
        return None

    def window(self, state: int, earliest: dict[int, int]) -> int:
        """From where on one has to look to see that a state was stuck."""
        width = 1
        while width <= state and self.stuck(state + 1 - width, state + 1, earliest) is None:
            width *= 2
        return max(0, state + 1 - width)

    def bounding(self, start: int, stop: int) -> set[int]:
        """The operations that bound some moments."""
        found: set[int] = set()
        for i in range(start, stop):
            found.update(self.others.get(i, ()))
            found.update(bound[i] for bound in (self.low, self.high) if i in bound)
        return found


def follow(spans: Spans, begin: int, end: int, others: Spans) -> Spans:
    """Where T(i) can be, given where T(i - 1) can, its own bounds, and who found another state than i.

    The later T(i - 1), the fewer of these demand that T(i) is early; so of all T(i - 1) between which
    none begins, the earliest leaves most room.
    """
    others.sort()
    latest = [end]  # T(i), if T(i - 1) is at or after the beginnings of all others but so many
    for _, over in reversed(others):
        latest.append(min(latest[-1], over))
    found: Spans = []
    remaining = iter(spans)
    span = next(remaining, None)
    edges = [-1, *(start for start, _ in others), FOREVER + 1]
    for k, (edge, following) in enumerate(pairwise(edges)):
        while span is not None and span[1] < edge:
            span = next(remaining, None)
        if span is None:
            break
        earliest = max(edge, span[0])
        limit = latest[len(others) - k]
        if earliest < following and (first := max(earliest, begin)) <= limit:
            found.append((first, limit))
    return found
