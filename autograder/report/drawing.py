"""A picture's data: rows, shapes and a window. Both drawings, the static and the live, are made of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from autograder.checkers.history import Operation
from autograder.report import words
from autograder.report.lanes import Lane, Lanes, arrange
from autograder.report.messages import Mail, messages
from autograder.report.scene import Scene, journeys, moments
from autograder.report.shapes import (
    LABEL,
    STRIP,
    Shape,
    badges,
    guides,
    holdings,
    identity,
    in_order,
    lives,
    marked,
    operations,
    strips,
    title,
)
from autograder.report.text import line
from autograder.report.window import Window, around, kept, left_edge

LIMIT = 15_000  # messages, operations and marks that a picture holds, around the evidence
# From the back to the front: a shape stands in the last layer of which its look has all words.
LAYERS = [
    *({"guide"}, {"life"}, {"band"}, {"message"}, {"mark"}, {"operation"}, {"holds"}),
    *({"message", "hot"}, {"operation", "evidence"}),
]


class Row(msgspec.Struct, frozen=True):
    """The name of a row, and the middle of it."""

    name: str
    kind: str
    y: float


class Drawing(msgspec.Struct, frozen=True):
    """Everything that is drawn. `window` is the stretch that is shown first, `whole` all there is.

    `before` and `after` count the events of the run that are not among the shapes.
    """

    title: str
    rows: list[Row]
    height: float
    top: float  # of the first row: above it are the bands of the network
    window: tuple[int, int]
    whole: tuple[int, int]
    times: list[int]  # of all events that are held, in order
    before: int
    after: int
    edge: list[str]
    left_out: list[str]
    evidence: list[str]
    bars: list[int | None]  # which of the shapes each of the evidence is, if it is drawn
    shapes: list[Shape]


def drawing(scene: Scene, limit: int = LIMIT) -> Drawing:
    """Lay a scene out."""
    window = around(scene)
    held = kept(scene, window, limit)
    bands, taken, homeless = strips(scene)
    lanes = arrange(scene, taken * STRIP)
    shapes = [*bands, *all_shapes(scene, lanes, held)]
    shapes = sorted((s for s in shapes if s.within(held.start, held.end)), key=layer)
    times = moments(scene)
    left_out = lanes.left_out + (
        [words.counted(homeless, "more rule") + " of the network"] if homeless else []
    )
    return Drawing(
        title=line(scene.title, LABEL * 2),
        rows=[row(lane) for lane in (*lanes.clients.values(), *lanes.nodes.values())],
        height=lanes.height,
        top=taken * STRIP,
        window=(window.start, window.end),
        whole=(held.start, held.end),
        times=[time for time in times if held.holds(time)],
        before=sum(time < held.start for time in times),
        after=sum(time > held.end for time in times),
        edge=left_edge(scene, window),
        left_out=left_out,
        evidence=evidence(scene),
        bars=bars(scene, shapes),
        shapes=shapes,
    )


def all_shapes(scene: Scene, lanes: Lanes, held: Window) -> list[Shape]:
    """The shapes of a stretch, except the bands over the time axis."""
    mail = Mail([j for j in journeys(scene.events) if held.start <= j.last and j.sent <= held.end])
    hot = mail.about(marked(scene))
    return [
        *guides(scene, lanes.height),
        *lives(scene, lanes, held),
        *messages(mail, lanes, hot, dim=bool(scene.evidence)),
        *holdings(scene, lanes),
        *operations(scene, lanes),
    ]


def layer(shape: Shape) -> tuple[int, int]:
    """Where a shape stands in the order of drawing."""
    look = set(shape.look.split())
    return max(n for n, words in enumerate(LAYERS) if words <= look), shape.start


def evidence(scene: Scene) -> list[str]:
    """The operations that contradict each other, in sentences, in order of time."""
    numbered = badges(scene)
    return [
        f"{numbered.get(identity(op), '•')} {line(op.client, 24)}: {words.said(op)}, {span(op)}"
        for op in in_order(scene.evidence)
    ]


def bars(scene: Scene, shapes: Sequence[Shape]) -> list[int | None]:
    """Which of the shapes are the operations that contradict each other, in order of time."""
    drawn = {(s.title, s.start): n for n, s in enumerate(shapes) if s.has("evidence")}
    numbered = badges(scene)
    return [
        drawn.get((title(op, numbered.get(identity(op), "")), op.invoked))
        for op in in_order(scene.evidence)
    ]


def span(operation: Operation) -> str:
    """From when to when an operation ran."""
    invoked = words.moment(operation.invoked)
    if operation.returned is None:
        return f"from {invoked} on"
    return f"{invoked} to {words.moment(operation.returned)}"


def row(lane: Lane) -> Row:
    """A row as it is shown."""
    return Row(line(lane.name, 40), lane.kind, lane.y)
