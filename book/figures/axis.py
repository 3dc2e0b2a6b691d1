"""Where the bars of a history stand: on an axis of time, 1000 units wide, with room between events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograder.checkers.timeline import FOREVER
from book.figures.orders import Orders

MARGIN, APART = 12.0, 30.0  # units: left free at both ends, and between two events at least
NEVER = (890.0, 1000.0)  # where points lie that never took effect
CHARACTER, WIDE, NARROW = 7.1, 640.0, 300.0  # pixels: of a letter, and of the axis on two screens
TICKS = 12


@dataclass(frozen=True)
class Bar:
    """One operation, drawn. `end_wide`: its words end with the bar on a wide screen, or would leave it."""

    number: int
    said: str
    start: float
    end: float
    open: bool
    returned: float | None
    end_wide: bool
    end_narrow: bool

    def extent(self) -> tuple[float, float]:
        """From where to where the bar and its words reach on a wide screen."""
        width = len(self.said) * CHARACTER * 1000 / WIDE
        if self.end_wide:
            return min(self.start, self.end - width), self.end
        return self.start, max(self.end, self.start + width)


@dataclass(frozen=True)
class Axis:
    """The places of all calls and returns. `begin` is where the points are first, `witness` where they
    explain everything; `never` is where those lie that do not happen, if any may.
    """

    orders: Orders
    starts: list[float]
    ends: list[float]
    end_of_time: float
    never: float | None
    ticks: list[tuple[float, str]]
    begin: list[float]
    witness: list[float] | None

    def start(self, slot: int) -> float:
        """Where a slot begins: with the call of its operation."""
        return self.starts[slot]

    def lanes(self, labels: Sequence[str]) -> Iterator[tuple[str, list[list[Bar]]]]:
        """Each client with its bars, in rows in which no words meet."""
        clients = dict.fromkeys(each.client for each in self.orders.operations)
        for client in sorted(clients, key=lambda name: (len(name), name)):
            rows: list[list[Bar]] = []
            for i, operation in enumerate(self.orders.operations):
                if operation.client == client:
                    place(self.bar(i, labels[i]), rows)
            yield client, rows

    def bar(self, number: int, said: str) -> Bar:
        """One operation, drawn."""
        mine = [
            call
            for call, o in zip(self.orders.calls, self.orders.owners, strict=True)
            if o == number
        ]
        opened = any(call.optional for call in mine)
        start, end = self.starts[number], 1000.0 if opened else self.ends[number]
        returned = self.ends[number] if opened and self.orders.last[number] < FOREVER else None
        ends = [start + len(said) * CHARACTER * 1000 / width > 1000 for width in (WIDE, NARROW)]
        return Bar(number, said, start, end, opened, returned, *ends)


def place(bar: Bar, rows: list[list[Bar]]) -> None:
    """Put a bar into the first row in which it meets no other."""
    start, end = bar.extent()
    for row in rows:
        if all(end + 10 < each.extent()[0] or each.extent()[1] + 10 < start for each in row):
            row.append(bar)
            return
    rows.append([bar])


def axis_of(orders: Orders) -> Axis:
    """The axis for a history."""
    never = any(call.optional for call in orders.calls)
    right = (NEVER[0] if never else 1000.0) - MARGIN
    events = events_of(orders)
    places, exact = spread([time for time, _, _ in events], MARGIN, right)
    starts, ends = [0.0] * len(orders.operations), [right] * len(orders.operations)
    for (_, number, is_call), at in zip(events, places, strict=True):
        (starts if is_call else ends)[number] = at
    middle = sum(NEVER) / 2 if never else None
    axis = Axis(orders, starts, ends, right, middle, [], [], None)
    ticks = ticks_of(events[0][0], events[-1][0], places[0], places[-1]) if exact else []
    shown = None if orders.witness is None else points_in(axis, orders.witness)
    return Axis(orders, starts, ends, right, middle, ticks, first_points(axis), shown)


def events_of(orders: Orders) -> list[tuple[int, int, bool]]:
    """Calls and returns in order: time, operation, and whether it is the call.

    A return lies in the slot in which the checker has it: of events at one microsecond, calls are first.
    """
    events: list[tuple[int, int, bool]] = []
    for slot, operation in enumerate(orders.operations):
        events.append((operation.invoked, slot, True))
        ending = [
            (one.returned, i, False)
            for i, one in enumerate(orders.operations)
            if orders.last[i] == slot and one.returned is not None
        ]
        events += sorted(ending)
    return events


def spread(times: Sequence[int], left: float, right: float) -> tuple[list[float], bool]:
    """Places for times between two edges, at least `APART` apart; and whether they are to scale."""
    gaps = [max(after - before, 0) for before, after in pairwise(times)]
    room, least = right - left, APART
    if len(gaps) * least > room * 0.8:
        least = room * 0.8 / len(gaps)
    total = sum(gaps) or 1
    scaled = [gap * room / total for gap in gaps]
    exact = all(gap >= least for gap in scaled)
    if not exact:
        wide = [max(gap, least) for gap in scaled]
        spare = room - least * len(wide)
        over = sum(gap - least for gap in wide) or 1
        scaled = [least + (gap - least) * spare / over for gap in wide]
    places = [left]
    for gap in scaled:
        places.append(places[-1] + gap)
    return places, exact


def ticks_of(first: int, last: int, left: float, right: float) -> list[tuple[float, str]]:
    """Whole milliseconds, or steps of 2, 5, 10 ... of them, on an axis that is to scale."""
    step = next(
        (size * power for power in (10**n for n in range(3, 12)) for size in (1, 2, 5)
         if (last - first) / (size * power) <= TICKS),
        10**12,
    )  # fmt: skip
    scale = (right - left) / ((last - first) or 1)
    marks = range(-(-first // step) * step, last + 1, step)
    return [(left + (mark - first) * scale, f"{mark // 1000}") for mark in marks]


def points_in(axis: Axis, order: Sequence[int]) -> list[float]:
    """Places of the points for an order that their intervals allow, spread out; `never` for all others."""
    calls, owners = axis.orders.calls, axis.orders.owners
    lows = [axis.start(calls[i].first) for i in order]
    highs = [axis.end_of_time if calls[i].optional else axis.ends[owners[i]] for i in order]
    for n in range(1, len(order)):
        lows[n] = max(lows[n], lows[n - 1])
        highs[-n - 1] = min(highs[-n - 1], highs[-n])
    places = [axis.never or 0.0] * len(calls)
    for n, i in enumerate(order):
        part = (n + 1) / (len(order) + 1)
        places[i] = lows[n] + (highs[n] - lows[n]) * part
    return places


def first_points(axis: Axis) -> list[float]:
    """Where the points are first: in the middle, unless that is right already and something else is not."""
    calls, owners = axis.orders.calls, axis.orders.owners
    bounds = [
        (axis.start(call.first), axis.end_of_time if call.optional else axis.ends[owner])
        for call, owner in zip(calls, owners, strict=True)
    ]
    tried = [[low + (high - low) * part for low, high in bounds] for part in (0.5, 0.85, 0.15)]
    orders = [sorted(range(len(calls)), key=places.__getitem__) for places in tried]
    wrong = (p for p, order in zip(tried, orders, strict=True) if axis.orders.wrong_in(order))
    chosen = next(wrong, tried[0])
    order = sorted(range(len(calls)), key=chosen.__getitem__)
    return points_in(axis, order)
