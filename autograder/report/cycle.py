"""A cycle of transactions as a picture: who comes before whom, and why.

Each box is a transaction with what it did, reads with what they gave. An arrow leads from the transaction
that must have come first to the one that must have come after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

from autograder.checkers.finding import Dependency
from autograder.report.text import escaped, line
from autograder.report.words import micros

CSS = files("autograder.report").joinpath("cycle.css").read_text(encoding="utf-8")
MOST = 12  # transactions in a picture
CHAR, LINE, EDGE, INSIDE, GAP, BELOW, LEAST = 7.85, 19, 6, 10, 88, 52, 76  # pixels
MEANING = {
    "ww": "ww: was overwritten by",
    "wr": "wr: was read by",
    "rw": "rw: read what was overwritten by",
    "process": "process: the same client asked for it earlier",
    "realtime": "realtime: had ended before it began",
}


def cycle_figure(steps: Sequence[Dependency], title: str) -> str:
    """The picture as HTML, with what the arrows mean; nothing, if there is no cycle."""
    if not steps:
        return ""
    if len(steps) > MOST:
        said = f"The cycle has {len(steps)} transactions, too many for a picture."
        return f'<p class="cycle-legend">{said}</p>'
    return (
        '<div class="cycle-scroll" tabindex="0" role="region" '
        f'aria-label="{escaped(f"Picture: {title}")}">{drawing(steps)}</div>'
        f'<p class="cycle-legend">{escaped(meaning(steps))}</p>'
    )


def meaning(steps: Sequence[Dependency]) -> str:
    """What the kinds of arrows of a cycle mean."""
    kinds = {step.kind for step in steps}
    return "; ".join(said for kind, said in MEANING.items() if kind in kinds)


def in_words(steps: Sequence[Dependency]) -> str:
    """A cycle in one line."""
    return "".join(f"{step.name} -{label(step)}-> " for step in steps) + steps[0].name


def label(step: Dependency) -> str:
    """What stands at an arrow: the kind of dependency, and the key."""
    return step.kind if step.key is None else f"{step.kind} {line(str(step.key), 12)}"


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


def drawing(steps: Sequence[Dependency]) -> str:
    """The picture as SVG."""
    boxes = placed([lines_of(step) for step in steps])
    said = f"{in_words(steps)}. {meaning(steps)}."
    width = max(box.x + box.width for box in boxes) + EDGE
    height = max(box.y + box.height for box in boxes) + EDGE
    arrows = "".join(
        arrow(boxes[n], boxes[(n + 1) % len(boxes)], step, len(boxes) == 2)
        for n, step in enumerate(steps)
    )
    return (
        f'<svg class="cycle-svg" width="{width:.0f}" height="{height:.0f}" role="img" '
        f'aria-label="{escaped(said)}">{"".join(map(drawn, boxes))}{arrows}</svg>'
    )


def lines_of(step: Dependency) -> list[str]:
    """What stands in the box of a transaction."""
    return [step.name, *micros(step.operation)]


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
        f'y="{box.y + INSIDE + (n + 0.75) * LINE:.1f}">{escaped(each)}</text>'
        for n, each in enumerate(box.lines)
    )
    return (
        f'<g class="cycle-box"><rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="6"/>{said}</g>'
    )


def arrow(one: Box, other: Box, step: Dependency, both_ways: bool) -> str:
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
    return (
        f'<g class="cycle-arrow {step.kind}"><path class="way" d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}"/>'
        f'<path class="head" d="{head}"/>'
        f'<text x="{(x + to_x) / 2:.1f}" y="{(y + to_y) / 2 + lift:.1f}">{escaped(label(step))}</text></g>'
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
