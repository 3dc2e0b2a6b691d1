"""Lines over an axis: numbers that were measured beforehand, drawn and in a table.

curve(
    {"one server": {0: 2.0, 10: 2.4, 20: 3.1}, "three servers": {0: 6.0, 10: 7.5, 20: 9.9}},
    across="messages lost, %",
    up="messages per operation",
    title="What losses cost",
)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from math import ceil, floor

from book.figures.page import Figure, assets, text

Line = Mapping[float, float]
WIDTH, HEIGHT = 420, 260  # units of the drawing
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 12, 42  # of them around the plot; left, five digits and a name
TICKS = 5
MARKS = {  # by which lines are told apart
    "disc": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "square": "m-4 -4h8v8h-8z",
    "diamond": "m0 -5l5 5l-5 5l-5 -5z",
    "triangle": "m0 -5l5 9h-10z",
}


def curve(
    lines: Mapping[str, Line | Mapping[int, float]], across: str, up: str, title: str = ""
) -> Figure:
    """A line for each name, through its numbers `{across: up}`; the axes begin at 0 or below."""
    found = {name: {float(x): y for x, y in line.items()} for name, line in lines.items()}
    xs = ticks([x for line in found.values() for x in line])
    ys = ticks([y for line in found.values() for y in line.values()])
    looks = list(zip(found, cycle(MARKS), strict=False))
    drawn = "".join(drawing(found[name], mark, xs, ys) for name, mark in looks)
    title = title or f"{up} over {across}"
    legend = "".join(f"<li>{sample(mark)} {text(name)}</li>" for name, mark in looks)
    words = in_words(found, across, up, title)
    return Figure(
        f'<figure class="book-figure book-curve" role="group" aria-label="{text(title)}">'
        f'<p class="figure-title">{text(title)}</p>'
        f'<svg class="curve-svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text(words)}">'
        f"{axes(xs, ys, across, up)}{drawn}</svg>"
        f'<ul class="curve-legend">{legend}</ul>{table(found, across, up)}</figure>',
        words,
        assets("curve"),
    )


def ticks(values: Sequence[float]) -> list[float]:
    """Round numbers from 0, or from below, to the largest value or above it."""
    low, high = min([0, *values]), max([*values, 0])
    span = (high - low) or 1
    steps = (size * 10.0**power for power in range(-9, 13) for size in (1, 2, 5))
    step = next(step for step in steps if span / step <= TICKS)
    first, last = floor(low / step), ceil(high / step)
    return [n * step for n in range(first, max(last, first + 1) + 1)]


def at(x: float, y: float, xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float]:
    """A place in the drawing."""
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    across = LEFT + width * (x - xs[0]) / (xs[-1] - xs[0])
    return across, TOP + height * (1 - (y - ys[0]) / (ys[-1] - ys[0]))


def axes(xs: Sequence[float], ys: Sequence[float], across: str, up: str) -> str:
    """Both axes, with ticks and names."""
    parts = []
    for x in xs:
        place, _ = at(x, 0, xs, ys)
        parts.append(f'<text x="{place:.1f}" y="{HEIGHT - BOTTOM + 16}">{x:g}</text>')
    for y in ys:
        _, place = at(0, y, xs, ys)
        parts.append(f'<path class="grid" d="M{LEFT} {place:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="left" x="{LEFT - 6}" y="{place + 4:.1f}">{y:g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="axis" x="{middle}" y="{HEIGHT - 6}">{text(across)}</text>')
    height = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(
        f'<text class="axis" transform="translate(12 {height}) rotate(-90)">{text(up)}</text>'
    )
    return "".join(parts)


def drawing(line: Line, mark: str, xs: Sequence[float], ys: Sequence[float]) -> str:
    """One line with its marks."""
    places = [at(x, y, xs, ys) for x, y in sorted(line.items())]
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    marks = "".join(f'<path class="mark" d="M{x:.1f} {y:.1f}{MARKS[mark]}"/>' for x, y in places)
    return f'<g class="curve {mark}"><path class="line" d="M{way}"/>{marks}</g>'


def sample(mark: str) -> str:
    """A line and its mark, as small as a word."""
    return (
        '<svg class="curve-svg curve-sample" width="40" height="16" aria-hidden="true">'
        f'<g class="curve {mark}"><path class="line" d="M2 8H38"/>'
        f'<path class="mark" d="M20 8{MARKS[mark]}"/></g></svg>'
    )


def table(lines: Mapping[str, Line], across: str, up: str) -> str:
    """All numbers, folded."""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in lines)
    xs = sorted({x for line in lines.values() for x in line})
    rows = "".join(
        f'<tr><th scope="row">{x:g}</th>'
        + "".join(f"<td>{line[x]:g}</td>" if x in line else "<td></td>" for line in lines.values())
        + "</tr>"
        for x in xs
    )
    return (
        f"<details><summary>The numbers</summary><table><caption>{text(up)}</caption><thead><tr>"
        f'<th scope="col">{text(across)}</th>{head}</tr></thead><tbody>{rows}</tbody></table></details>'
    )


def in_words(lines: Mapping[str, Line], across: str, up: str, title: str) -> str:
    """The figure where there is none."""
    said = (
        f"{name}: " + ", ".join(f"{y:g} at {x:g}" for x, y in sorted(line.items()))
        for name, line in lines.items()
    )
    return f"{title} ({up} over {across}). {'; '.join(said)}"
