"""The shapes of a picture: three forms, placed in time and on the rows, which every drawing shares.

A `bar` spans a time (an operation, a band), a `line` leads from one row to another (a message), a `mark`
is a moment. `look` names, as CSS classes, what a shape is; the two drawings (`svg.py` and `picture.js`)
know nothing else of it. Times are in microseconds, heights in pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from autograder.checkers.history import Operation
from autograder.cluster.trace import Event
from autograder.report import words
from autograder.report.lanes import BAR, NODE, Lanes
from autograder.report.scene import Scene, Spell, end_of, rules_of, spells_of
from autograder.report.text import line
from autograder.report.window import Window

STRIP = 18.0  # the height of a band over the time axis
STRIPS = 4
LABEL = 60  # characters of a label
DETAIL = 300  # of what a node or a test said
MARKED = 100  # operations of the evidence, at most
BADGES = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


class Facets(msgspec.Struct, frozen=True, array_like=True):
    """What a shape can be filtered by: a key, the clients and nodes, an operation's or message's name."""

    key: str = ""
    who: tuple[str, ...] = ()
    operation: str = ""
    message: str = ""


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """One shape. `end` is None where it is open to the right; `title` and `detail` are for readers."""

    form: str
    start: int
    end: int | None
    y0: float
    y1: float
    look: str
    text: str = ""
    title: str = ""
    detail: str = ""
    facets: Facets = Facets()

    def has(self, word: str) -> bool:
        """Whether a word is in its look."""
        return word in self.look.split()

    def within(self, start: int, end: int) -> bool:
        """Whether any of it lies in a window."""
        return self.start <= end and (self.end is None or self.end >= start)


def identity(operation: Operation) -> tuple[str, int, str]:
    """What tells operations of one run apart: a client asks one thing at a time."""
    return operation.client, operation.invoked, operation.name


def badges(scene: Scene) -> dict[tuple[str, int, str], str]:
    """The numbers that the marked evidence bears; a dot where there are no more numbers."""
    numbers = BADGES.ljust(MARKED, "•")
    return {identity(op): badge for op, badge in zip(marked(scene), numbers, strict=False)}


def marked(scene: Scene) -> list[Operation]:
    """The evidence that is marked: the first of it, in order of time."""
    return in_order(scene.evidence)[:MARKED]


def in_order(evidence: Sequence[Operation]) -> list[Operation]:
    """The evidence in order of time."""
    return sorted(evidence, key=lambda op: (op.invoked, op.client))


# ---- operations ----------------------------------------------------------------------------------


def operations(scene: Scene, lanes: Lanes) -> Iterator[Shape]:
    """A bar for each operation of the clients that have a row."""
    numbered = badges(scene)
    for operation in scene.operations:
        if operation.client in lanes.clients:
            badge = numbered.get(identity(operation), "")
            yield operation_bar(operation, lanes, badge, dim=bool(numbered) and not badge)


def operation_bar(operation: Operation, lanes: Lanes, badge: str, dim: bool) -> Shape:
    """The bar of one operation."""
    y = lanes.clients[operation.client].y
    look = ["operation", outcome_look(operation), "evidence" if badge else "", "dim" if dim else ""]
    return Shape(
        "bar",
        operation.invoked,
        operation.returned,
        y - BAR / 2,
        y + BAR / 2,
        " ".join(filter(None, look)),
        line(f"{badge} {words.said(operation)}".strip(), LABEL),
        title(operation, badge),
        f"{times_of(operation)}\n{words.in_full(operation)}",
        Facets(
            words.key_of(operation),
            (line(operation.client, LABEL), line(operation.node, LABEL)),
            line(operation.name, LABEL),
        ),
    )


def title(operation: Operation, badge: str) -> str:
    """An operation in full length, so that how it ended is always said."""
    return f"{badge} {line(operation.client, LABEL)}: {words.said(operation)}".strip()


def outcome_look(operation: Operation) -> str:
    """How an operation ended: `ok`, `open` (may have happened), or `error` (did not)."""
    if operation.returned is None:
        return "open"
    if operation.error is None:
        return "ok"
    return "error" if words.definite(operation.error) else "open"


def times_of(operation: Operation) -> str:
    """When an operation was invoked and returned, in words."""
    invoked = f"invoked {words.moment(operation.invoked)}"
    if operation.returned is None:
        return f"{invoked}, never returned"
    took = words.duration(operation.returned - operation.invoked)
    return f"{invoked}, returned {words.moment(operation.returned)}, took {took}"


def holdings(scene: Scene, lanes: Lanes) -> Iterator[Shape]:
    """A thin bar for the time in which a client could believe that it held a lock."""
    held: dict[tuple[str, str], Operation] = {}
    for operation in scene.operations:
        owner = operation.client, words.key_of(operation)
        if operation.name == "acquire" and words.outcome(operation) in ("ok", "True"):
            held[owner] = operation
        elif operation.name == "release" and owner in held:
            yield from holding(held.pop(owner), operation.invoked, lanes)
    for operation in held.values():
        yield from holding(operation, None, lanes)


def holding(acquired: Operation, until: int | None, lanes: Lanes) -> Iterator[Shape]:
    """The thin bar of one lock, if its client has a row."""
    lane = lanes.clients.get(acquired.client)
    if lane is not None and acquired.returned is not None:
        key, y = words.key_of(acquired), lane.y + BAR / 2
        client = line(acquired.client, LABEL)
        title = f"{client} holds {key}"
        yield Shape("bar", acquired.returned, until, y - 4, y + 2, "holds", "", title,
                    facets=Facets(key, (client,), "acquire"))  # fmt: skip


def guides(scene: Scene, height: float) -> Iterator[Shape]:
    """Lines through all rows where an operation of the evidence begins and ends."""
    for operation in marked(scene):
        yield Shape("line", operation.invoked, operation.invoked, 0, height, "guide")
        if operation.returned is not None:
            yield Shape("line", operation.returned, operation.returned, 0, height, "guide")


# ---- nodes and the network -----------------------------------------------------------------------


def lives(scene: Scene, lanes: Lanes, held: Window) -> Iterator[Shape]:
    """For each node its line of life, and bands where it was down or paused."""
    end = end_of(scene)
    events: dict[str, list[Event]] = {name: [] for name in lanes.nodes}
    for event in scene.events:
        if event.node in events and event.message is None:
            events[event.node].append(event)
    for name, own in events.items():
        y = lanes.nodes[name].y
        begun = next((event.now for event in own if event.kind == "start"), 0)
        yield Shape("line", begun, None, y, y, "life")
        for spell in spells_of(own):
            if (
                spell.end is not None or spell.start < end
            ):  # a node that was there to the end is not down
                yield life_band(name, y, spell)
        for event in own:
            if held.holds(event.now):
                yield from mark(event, y)


def life_band(name: str, y: float, spell: Spell) -> Shape:
    """A band on the line of life of a node."""
    who = line(name, LABEL)
    look = "paused" if spell.kind == "paused" else "down"
    title, detail = f"{who} {spell.kind}", line(spell.detail, DETAIL)
    return Shape("bar", spell.start, spell.end, y - NODE / 4, y + NODE / 4, f"band {look}",
                 spell.kind, title, detail, Facets(who=(who,)))  # fmt: skip


SPELLS = {"crash", "exit", "pause", "resume", "cut", "heal"}  # drawn as bands
QUIET = {"file", "disk", "start"}  # marks without a label


def mark(event: Event, y: float) -> Iterator[Shape]:
    """A mark for an event that is none of a message's, and no band."""
    if event.kind not in SPELLS:
        look = event.kind if event.kind in QUIET else "other"
        said = line(f"{event.kind} {event.detail}".strip(), DETAIL)
        who = line(event.node, LABEL)
        yield Shape(
            "mark",
            event.now,
            event.now,
            y,
            y,
            f"mark {look}",
            "" if event.kind in QUIET else line(said, LABEL),
            f"{who} {said}".strip(),
            facets=Facets(who=(who,) if who else ()),
        )


def strips(scene: Scene) -> tuple[list[Shape], int, int]:
    """Bands for the rules of the network, how many rows they take, and how many found no place.

    What else happened to no node in particular is marked in the first row.
    """
    rows: list[int | None] = []  # up to when each row is taken
    shapes = [s for e in scene.events if e.node == "" and not e.message for s in mark(e, STRIP / 2)]
    if shapes:
        rows.append(None)
    homeless = 0
    for spell in rules_of(scene.events):
        row = next(
            (n for n, taken in enumerate(rows) if taken is not None and taken <= spell.start), -1
        )
        if row < 0 and len(rows) < STRIPS:
            row = len(rows)
            rows.append(0)
        if row < 0:
            homeless += 1
            continue
        rows[row] = spell.end
        text, y = line(spell.detail, LABEL), row * STRIP
        shapes.append(Shape("bar", spell.start, spell.end, y + 2, y + STRIP - 2, "band rule", text,
                            "network: " + line(spell.detail, DETAIL)))  # fmt: skip
    return shapes, len(rows), homeless
