"""Things that must not overlap, each of which takes place at a time that is not quite known.

Gibbons and Korach, "Testing shared memories" (1997): a zone is forward if one operation of it was over
before another began; then it lasts at least from the one to the other. Else it can have been over in an
instant, in any slot that all of its operations share. There is an order if no two forward zones overlap
and no other zone lies within one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

WhoT = TypeVar("WhoT")


class Zone(NamedTuple, Generic[WhoT]):
    """From when to when something lasted, at least.

    It had begun in slot `end`, in which its first operation ended, and was not over before slot
    `begin`, in which its last one began.
    """

    end: int
    begin: int
    who: WhoT


def clashing(zones: Iterable[Zone[WhoT]]) -> tuple[Zone[WhoT], Zone[WhoT]] | None:
    """Two zones that cannot be in any order; None if all can."""
    forward: list[Zone[WhoT]] = []
    instant: list[Zone[WhoT]] = []
    for zone in zones:
        (forward if zone.end < zone.begin else instant).append(zone)
    forward.sort(key=lambda zone: zone.end)
    for one, other in pairwise(forward):
        if other.end < one.begin:
            return one, other
    ends = [zone.end for zone in forward]
    for zone in instant:
        around = bisect_left(ends, zone.begin) - 1
        if around >= 0 and zone.end < forward[around].begin:
            return forward[around], zone
    return None


def clash(one: Zone[WhoT], other: Zone[WhoT]) -> bool:
    """Whether neither of two zones can be before the other."""
    return one.begin > other.end and other.begin > one.end
