"""Which operations of a history may have overlapped, in whole numbers."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from autograder.checkers.finding import InvalidHistory
from autograder.checkers.history import Operation

FOREVER = sys.maxsize
NEAR = 64  # most operations have returned when so many more have been invoked


class Timeline(NamedTuple):
    """The operations in order of invocation, and until when each may have happened.

    Slot i is the time from the invocation of operation i to the next one. Operation i may have taken
    effect in the slots from i to `last[i]`, and precedes operation j if `last[i] < j`. Within a slot any
    order is possible.
    """

    operations: list[Operation]
    last: list[int]


def timeline(history: Iterable[Operation]) -> Timeline:
    """The slots of a history; raises `InvalidHistory`.

    Of two events at the same microsecond, no order is known, but for the one in which a client's own
    operations, and the invocations of the history, are listed.
    """
    operations = sorted(history, key=attrgetter("invoked"))
    invoked = [operation.invoked for operation in operations] + [FOREVER] * NEAR
    last: list[int] = []
    latest: dict[str, int] = {}  # the operation of each client before this one
    for i, operation in enumerate(operations):
        now, returned = invoked[i], operation.returned
        if returned is None:
            last.append(FOREVER)
        elif returned >= now:
            end = bisect_right(invoked, returned, i, i + NEAR)
            if end == i + NEAR:
                end = bisect_right(invoked, returned, end)
            last.append(end - 1)
        else:
            raise InvalidHistory(
                f"{operation} of client {operation.client} returned before it was invoked"
            )
        before = latest.get(operation.client)
        if before is not None:
            ended = operations[before].returned
            if ended is not None and ended >= now:
                if ended > now:
                    raise InvalidHistory(
                        f"client {operation.client} asked for {operation} at {now} µs, before "
                        f"{operations[before]} had returned"
                    )
                last[before] = i - 1
        latest[operation.client] = i
    return Timeline(operations, last)
