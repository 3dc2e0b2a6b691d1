"""A run with a logical clock at every send and receive: choose an event, and see what happened before it.

    clocks(run(two_clients))                    # Lamport times
    clocks(run(two_clients), kind="vector")

Events stand in the order of real time, from left to right, not to scale. Whoever chooses one sees which
happened before it, which after it, and which are concurrent with it, all of that computed from the trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from autograder.cluster.trace import Event
from autograder.report.text import line, script_json
from autograder.report.words import moment
from book.figures.happened import Happening, Past, past_of
from book.figures.page import Figure, assets, text
from book.figures.runs import Run

Kind = Literal["lamport", "vector"]
MOST = 40  # events in a picture, unless it is told otherwise
NAMES, TOP, LANE, NEXT, EDGE, ROOM = 60, 36, 76, 22, 24, 16  # pixels
LABELLED = 20  # messages whose types stand in the picture
NAME = {"lamport": "Lamport time", "vector": "vector time"}


def clocks(
    run_or_events: Run | Iterable[Event],
    kind: Kind = "lamport",
    title: str = "",
    most: int = MOST,
) -> Figure:
    """The first `most` sends and receives of a run, each with its time on a logical clock."""
    if kind not in NAME:
        raise ValueError(f"a clock is of kind 'lamport' or 'vector', and not {kind!r}")
    events = run_or_events
    if isinstance(events, Run):
        title = title or events.title
        events = events.outcome.trace.events
    past = past_of(events, most)
    if not past.events:
        raise ValueError("no message was sent in this run")
    title = f"{title}: {NAME[kind]}s" if title else f"{NAME[kind].capitalize()}s of a run"
    data = script_json({"kind": NAME[kind], "events": [as_data(e, kind) for e in past.events]})
    return Figure(
        f'<figure class="book-figure book-clocks" role="group" aria-label="{text(title)}">'
        f'<p class="figure-title">{text(title)}</p><p class="figure-note">{text(note(past, kind))}</p>'
        f'<div class="clocks-scroll" tabindex="0" role="region" aria-label="Picture: {text(title)}">'
        f'{drawing(past, kind)}</div><div class="clocks-live"></div>{table(past, kind)}'
        f'<script type="application/json" class="clocks-data">{data}</script></figure>',
        in_words(title, past, kind),
        assets("clocks"),
    )


# ---- in words ----------------------------------------------------------------------------------------


def note(past: Past, kind: Kind) -> str:
    """What the picture shows, and what it leaves out."""
    order = (
        f" The vectors count the events of {', '.join(past.nodes)}, in this order."
        if kind == "vector"
        else ""
    )
    more = f" {past.more:,} later events are left out." if past.more else ""
    return (
        "Filled circles send, hollow ones receive; from left to right in the order of real time, "
        f"not to scale.{order}{more}"
    )


def told(event: Happening) -> str:
    """What happened."""
    what = line(event.message.type, 24)
    if event.sends:
        return (
            f"{event.node} sends {what} to {event.other}{', which is lost' if event.lost else ''}"
        )
    return f"{event.node} receives {what} from {event.other}"


def clock(event: Happening, kind: Kind) -> str:
    """The time of an event."""
    return str(event.lamport) if kind == "lamport" else f"({', '.join(map(str, event.vector))})"


def table(past: Past, kind: Kind) -> str:
    """All events in words, folded."""
    rows = "".join(
        f'<tr><th scope="row">{event.number + 1}</th><td>{text(told(event))}</td>'
        f"<td>{clock(event, kind)}</td><td>{moment(event.now)}</td></tr>"
        for event in past.events
    )
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("event", "what", NAME[kind], "real time")
    )
    return (
        '<details class="clocks-table"><summary>All events in words</summary>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def in_words(title: str, past: Past, kind: Kind) -> str:
    """The figure where there is none."""
    rows = (f"  {e.number + 1:>3}  {clock(e, kind):>8}  {told(e)}" for e in past.events)
    return "\n".join([title, *rows])


# ---- what is drawn -----------------------------------------------------------------------------------


def drawing(past: Past, kind: Kind) -> str:
    """The picture as SVG."""
    xs, heights = places(past, kind), {n: TOP + i * LANE for i, n in enumerate(past.nodes)}
    width, height = xs[-1] + EDGE + ROOM, TOP + (len(past.nodes) - 1) * LANE + 42
    names = "".join(
        f'<text class="name" x="{NAMES - 12}" y="{y + 4}">{text(line(name, 8))}</text>'
        for name, y in heights.items()
    )
    lanes = "".join(f'<path class="lane" d="M0 {y}H{width:.0f}"/>' for y in heights.values())
    ways = "".join(arrows(past, xs, heights))
    marks = "".join(
        mark(event, kind, xs[event.number], heights[event.node], event.node == past.nodes[0])
        for event in past.events
    )
    return (
        f'<svg class="clocks-svg clocks-names" width="{NAMES}" height="{height}" aria-hidden="true">'
        f"{names}</svg>"
        f'<svg class="clocks-svg" width="{width:.0f}" height="{height}" role="group" '
        f'aria-label="Events in order of real time">{lanes}{ways}{marks}</svg>'
    )


def places(past: Past, kind: Kind) -> list[float]:
    """Where each event stands: to the right of all before it, with room for its time on its own lane."""
    room = 40.0 if kind == "lamport" else 18 + 7.3 * max(len(clock(e, kind)) for e in past.events)
    at = 0.0
    last: dict[str, float] = {}
    found = []
    for event in past.events:
        at = max(at + NEXT, last[event.node] + room if event.node in last else room / 2)
        last[event.node] = at
        found.append(at)
    return found


def arrows(past: Past, xs: list[float], heights: dict[str, int]) -> list[str]:
    """The messages, from where they were sent to each place at which they arrived."""
    sends = {event.message.number: event for event in past.events if event.sends}
    drawn = []
    for event in past.events:
        start = sends[event.message.number]
        x, y = xs[start.number], heights[start.node]
        if not event.sends:
            said = event.message.type if len(sends) <= LABELLED else ""
            drawn.append(arrow(x, y, xs[event.number], heights[event.node], said, start, event))
        elif event.lost:
            drawn.append(loss(x, y, 1 if heights.get(event.other, y + 1) > y else -1))
    return drawn


def arrow(
    x: float, y: float, to_x: float, to_y: float, said: str, start: Happening, end: Happening
) -> str:
    """One message that arrived: a line that ends at the edge of its event, with a head."""
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5 or 1
    dx, dy = (to_x - x) / length, (to_y - y) / length
    ex, ey = to_x - 15 * dx, to_y - 15 * dy
    head = (
        f"M{ex - 8 * dx - 4 * dy:.1f} {ey - 8 * dy + 4 * dx:.1f}L{ex:.1f} {ey:.1f}"
        f"L{ex - 8 * dx + 4 * dy:.1f} {ey - 8 * dy - 4 * dx:.1f}"
    )
    middle = f'x="{(x + to_x) / 2:.1f}" y="{(y + to_y) / 2 + 3:.1f}"'
    label = f'<text class="type" {middle}>{text(line(said, 16))}</text>' if said else ""
    return (
        f'<g class="message" data-from="{start.number}" data-to="{end.number}"><path class="way" '
        f'd="M{x + 13 * dx:.1f} {y + 13 * dy:.1f}L{ex:.1f} {ey:.1f}{head}"/>{label}</g>'
    )


def loss(x: float, y: float, way: int) -> str:
    """A message that arrives nowhere: a short line that ends in a cross."""
    return (
        f'<path class="way lost" d="M{x + 4:.1f} {y + 13 * way:.1f}l8 {14 * way}"/>'
        f'<path class="cross" d="M{x + 10:.1f} {y + 27 * way - 4:.1f}l8 8m0 -8l-8 8"/>'
    )


def mark(event: Happening, kind: Kind, x: float, y: float, above: bool) -> str:
    """One event: a circle with its Lamport time in it, or its vector above or below it."""
    said = clock(event, kind)
    look = "sends" if event.sends else "receives"
    if kind == "lamport":
        inside = (
            '<rect class="hit" x="-17" y="-17" width="34" height="34"/><circle r="13"/>'
            f'<text class="clock" y="4.5">{said}</text>'
        )
    else:
        top, under = (-32, -17) if above else (-14, 27)
        inside = (
            f'<rect class="hit" x="-26" y="{top}" width="52" height="46"/><circle r="9"/>'
            f'<text class="clock beside" y="{under}">{said}</text>'
        )
    words = f"Event {event.number + 1}: {told(event)}, {NAME[kind]} {said}"
    return (
        f'<g class="event {look}" data-event="{event.number}" role="img" aria-label="{text(words)}" '
        f'transform="translate({x:.1f} {y})">{inside}</g>'
    )


def as_data(event: Happening, kind: Kind) -> dict[str, object]:
    """What the script gets of an event."""
    return {
        "node": event.node,
        "said": told(event),
        "clock": clock(event, kind),
        "lamport": event.lamport,
        "causes": sorted(event.causes),
    }
