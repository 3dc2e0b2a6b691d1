"""A cycle of transactions, found by the checker: who depends on whom, and why.

    cycle([txn("A", ("append", "x", 1), ("append", "y", 1)), ...], "read-uncommitted")

Each box is a transaction with what it did, reads with what they gave. An arrow leads from the transaction
that must have come first to the one that must have come after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from autograder.checkers import Operation
from autograder.checkers.transactions import LEVELS, judge_transactions, lists, order, registers
from autograder.checkers.transactions.cycles import Cycle, Step, find
from autograder.checkers.transactions.graph import Graph, Kind
from autograder.checkers.transactions.transaction import READ, Micro, Record, Transaction, record
from autograder.report.text import line
from book.figures.page import Figure, assets, text
from labs.node.errors import RPCError

MOST = 6  # transactions in a picture
CHAR, LINE, EDGE, INSIDE, GAP, BELOW, LEAST = 7.85, 19, 6, 10, 88, 52, 76  # pixels
ARROW = "\N{RIGHTWARDS ARROW}"
MEANING = {
    Kind.WW: "ww: was overwritten by",
    Kind.WR: "wr: was read by",
    Kind.RW: "rw: read what was overwritten by",
    Kind.PROCESS: "process: the same client asked for it earlier",
    Kind.REALTIME: "realtime: had ended before it began",
}


def txn(
    client: str,
    *micros: tuple[str, Any, Any],
    at: tuple[float, float | None] = (0, 10),
    error: type[RPCError] | None = None,
) -> Operation:
    """One transaction of a history: its client, what it did, from when to when in milliseconds.

    Reads stand with what they gave: `txn("A", ("r", "x", [1]), ("append", "y", 2))`. With `error` it was
    refused, and then what its reads gave is not known.
    """
    begin, end = at
    asked = tuple((verb, key, None if verb == READ else value) for verb, key, value in micros)
    returned = None if end is None else round(end * 1000)
    known = returned is not None and error is None
    return Operation(
        client=client,
        name="txn",
        args=asked,
        invoked=round(begin * 1000),
        returned=returned,
        result=[list(micro) for micro in micros] if known else None,
        error=None if error is None else error.code,
    )


def on_used_keys(history: Iterable[Operation]) -> list[Operation]:
    """The same history, of committed transactions on lists, on keys to which a first one appended 0."""
    done = [(each.client, each.result) for each in history]
    keys = sorted({key for _, micros in done for _, key, _ in micros})
    first = txn("S", *(("append", key, 0) for key in keys), at=(0, 1))
    micros = {
        client: [(v, key, [0, *value] if v == READ else value) for v, key, value in done_there]
        for client, done_there in done
    }
    return [first, *(txn(client, *of, at=(2, 12)) for client, of in micros.items())]


def as_registers(history: Iterable[Operation]) -> list[Operation]:
    """The same history, of committed transactions on lists, as registers would have shown it."""
    return [
        txn(
            each.client,
            *(
                (v, key, value[-1]) if v == READ else ("w", key, value)
                for v, key, value in each.result
            ),
            at=(each.invoked / 1000, (each.returned or 0) / 1000),
        )
        for each in history
    ]


def cycle(history: Iterable[Operation], model: str, title: str = "") -> Figure:
    """The worst cycle of a history that a consistency model forbids, with the checker's sentence.

    Raises `ValueError` if the checker's verdict is another, or the cycle is too long for a picture.
    """
    operations = [each for each in history if each.name == "txn"]
    appends = all(verb != "w" for each in operations for verb, _, _ in each.args)
    finding, figures = judge_transactions(operations, model, appends)
    made, found = cycles_of(operations, model, appends)
    worst = next(iter(found), None)
    if worst is None or figures["anomaly-types"][0] != worst:
        raise ValueError(f"no cycle is the worst that is wrong here: {finding.sentence or 'PASS'}")
    steps = found[worst]
    if len(steps) > MOST:
        raise ValueError(f"a picture has {MOST} transactions at most, not {len(steps)}")
    title = title or worst
    legend = "; ".join(MEANING[kind] for kind in Kind if kind in {step[1] for step in steps})
    said = f"{in_words(steps, made)}. {legend}."
    return Figure(
        f'<figure class="book-figure book-cycle" role="group" aria-label="{text(title)}">'
        f'<p class="figure-title">{text(title)}</p>'
        f'<div class="cycle-scroll" tabindex="0" role="region" aria-label="Picture: {text(title)}">'
        f"{drawing(steps, made, said)}</div>"
        f'<p class="figure-note">{text(legend)}</p>'
        f'<p class="cycle-said">{text(finding.sentence)}</p></figure>',
        f"{title}\n  {in_words(steps, made)}\n{finding.sentence}",
        assets("cycle"),
    )


def cycles_of(
    operations: Sequence[Operation], model: str, appends: bool
) -> tuple[Record, dict[str, Cycle]]:
    """The transactions of a history, and the cycles in it that a model forbids, the worst first."""
    level, graph = LEVELS[model], Graph()
    made = record(operations, "G1a" in level.forbids)
    inferred = (
        lists.infer(made, level, graph) if appends else registers.infer(made, level, graph, {})
    )
    list(inferred)  # what is wrong without a cycle is told by the checker
    order.in_order(made, level.order, graph)
    return made, find(graph, level)


def in_words(steps: Cycle, made: Record) -> str:
    """A cycle in one line."""
    first = made.transactions[steps[0][0][0]]
    rest = (f" -{label(step)}-> {made.transactions[step[0][1]]}" for step in steps)
    return f"{first}{''.join(rest)}"


def label(step: Step) -> str:
    """What stands at an arrow: the kind of dependency, and the key."""
    _, kind, reason = step
    return kind.value if reason.key is None else f"{kind.value} {line(str(reason.key), 12)}"


# ---- what is drawn -----------------------------------------------------------------------------------


class Box(NamedTuple):
    """Where a transaction stands, and the lines of text in it."""

    x: float
    y: float
    width: float
    height: float
    lines: list[str]

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


def drawing(steps: Cycle, made: Record, said: str) -> str:
    """The picture as SVG."""
    boxes = placed([lines_of(made.transactions[edge[0]]) for edge, _, _ in steps])
    width = max(box.x + box.width for box in boxes) + EDGE
    height = max(box.y + box.height for box in boxes) + EDGE
    arrows = "".join(
        arrow(boxes[n], boxes[(n + 1) % len(boxes)], step, len(boxes) == 2)
        for n, step in enumerate(steps)
    )
    return (
        f'<svg class="cycle-svg" width="{width:.0f}" height="{height:.0f}" role="img" '
        f'aria-label="{text(said)}">{"".join(map(drawn, boxes))}{arrows}</svg>'
    )


def lines_of(each: Transaction) -> list[str]:
    """What stands in the box of a transaction."""
    return [str(each), *map(micro_in_words, each.micros)]


def micro_in_words(micro: Micro) -> str:
    """One operation of a transaction."""
    verb, key, value = micro
    if verb != READ:
        return f"{verb} {line(str(key), 12)} {line(str(value), 12)}"
    shown = "nothing" if value is None else value
    return f"{verb} {line(str(key), 12)} {ARROW} {line(str(shown), 14)}"


def placed(contents: Sequence[list[str]]) -> list[Box]:
    """Boxes in two columns, in a circle: the first one on the left, down on the right, up on the left."""
    down = len(contents) - len(contents) // 2  # the place of the last one on the right
    columns = [[0, *range(len(contents) - 1, down, -1)], list(range(1, down + 1))]
    if len(contents) == 2:
        columns = [[0], [1]]
    heights = [max(LEAST, len(lines) * LINE + 2 * INSIDE) for lines in contents]
    tall = [sum(heights[n] for n in each) + BELOW * (len(each) - 1) for each in columns]
    boxes: dict[int, Box] = {}
    x: float = EDGE
    for side, column in enumerate(columns):
        width = max(len(line) for n in column for line in contents[n]) * CHAR + 2 * INSIDE
        y = EDGE + (max(tall) - tall[side]) / 2
        for n in column:
            boxes[n] = Box(x, y, width, heights[n], contents[n])
            y += heights[n] + BELOW
        x += width + GAP
    return [boxes[n] for n in range(len(contents))]


def drawn(box: Box) -> str:
    """A box with its lines."""
    said = "".join(
        f'<text class="{"name" if n == 0 else "micro"}" x="{box.x + INSIDE:.1f}" '
        f'y="{box.y + INSIDE + (n + 0.75) * LINE:.1f}">{text(each)}</text>'
        for n, each in enumerate(box.lines)
    )
    return (
        f'<g class="cycle-box"><rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="6"/>{said}</g>'
    )


def arrow(one: Box, other: Box, step: Step, both_ways: bool) -> str:
    """An arrow from the edge of one box to that of another, with its label; two of them stand apart."""
    (x, y), (to_x, to_y) = one.middle, other.middle
    dx, dy = unit(to_x - x, to_y - y)
    if both_ways:  # the way there above, the way back below
        y, to_y = y - 15 * dx, to_y - 15 * dx
    x, y = edge_of(one, x, y, dx, dy, 2)
    to_x, to_y = edge_of(other, to_x, to_y, -dx, -dy, 4)
    head = (
        f"M{to_x - 8 * dx - 4.5 * dy:.1f} {to_y - 8 * dy + 4.5 * dx:.1f}L{to_x:.1f} {to_y:.1f}"
        f"L{to_x - 8 * dx + 4.5 * dy:.1f} {to_y - 8 * dy - 4.5 * dx:.1f}"
    )
    lift = (-9 if dx > 0 else 19) if both_ways else 4
    kind = step[1].value
    return (
        f'<g class="cycle-arrow {kind}"><path class="way" d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}"/>'
        f'<path class="head" d="{head}"/>'
        f'<text x="{(x + to_x) / 2:.1f}" y="{(y + to_y) / 2 + lift:.1f}">{text(label(step))}</text></g>'
    )


def unit(x: float, y: float) -> tuple[float, float]:
    """A direction of length 1."""
    length = (x * x + y * y) ** 0.5 or 1
    return x / length, y / length


def edge_of(box: Box, x: float, y: float, dx: float, dy: float, away: float) -> tuple[float, float]:
    """Where a ray from a point of a box leaves it, and so many pixels on."""
    left, right = (box.x - x, box.x + box.width - x)
    top, bottom = (box.y - y, box.y + box.height - y)
    ways = [(right if dx > 0 else left) / dx] if abs(dx) > 1e-9 else []
    ways += [(bottom if dy > 0 else top) / dy] if abs(dy) > 1e-9 else []
    far = min(ways) + away
    return x + far * dx, y + far * dy
