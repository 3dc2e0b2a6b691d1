"""States that are merged, in order: what knows more stands above what knows less (a Hasse diagram).

    lattice([{"tent"}, {"lamp"}], set.union, show, "What can become of two baskets")

The picture is of the states given and of all that merging makes of them. A line leads from a state up to
each state that knows a little more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import TypeVar

from book.figures.page import Figure, assets, text

StateT = TypeVar("StateT")
Merge = Callable[[StateT, StateT], StateT]

MOST = 16  # states in a picture
CHAR, HEIGHT, GAP, BETWEEN, EDGE = 7.85, 32, 12, 38, 6  # pixels


def lattice(
    states: Sequence[StateT],
    merge: Merge[StateT],
    show: Callable[[StateT], str],
    title: str,
) -> Figure:
    """All that merging makes of some states, drawn in order.

    Raises `ValueError` if the merge puts them in no order, as a sum does, or if they are too many.
    """
    found = closed(states, merge)
    below = [[merge(b, a) == a != b for b in found] for a in found]
    if any(merge(a, a) != a or merge(a, b) != merge(b, a) for a, b in product(found, found)):
        raise ValueError("this merge puts states in no order")
    covers = [lower_covers(n, below) for n in range(len(found))]
    levels = [level(n, covers) for n in range(len(found))]
    names = [show(state) for state in found]
    told = [
        f"{names[n]}: just above {' and '.join(names[m] for m in covers[n])}"
        if covers[n]
        else f"{names[n]}: above nothing"
        for n in sorted(range(len(found)), key=lambda n: levels[n])
    ]
    words = f"{title}: {'; '.join(told)}"
    return Figure(
        f'<figure class="book-figure book-lattice" role="group" aria-label="{text(title)}">'
        f'<p class="figure-title">{text(title)}</p>'
        f'<div class="lattice-scroll" tabindex="0" role="region" aria-label="Picture: {text(title)}">'
        f"{drawing(names, levels, covers, words)}</div></figure>",
        "\n".join([title, *(f"  {each}" for each in told)]),
        assets("lattice"),
    )


def closed(states: Sequence[StateT], merge: Merge[StateT]) -> list[StateT]:
    """The states, and all that come of merging two of them, again and again."""
    found: list[StateT] = []
    waiting = list(states)
    while waiting:
        new = waiting.pop(0)
        if new in found:
            continue
        if len(found) == MOST:
            raise ValueError(f"a picture has {MOST} states at most")
        found.append(new)
        waiting += [merge(new, other) for other in found]
    return found


def lower_covers(n: int, below: Sequence[Sequence[bool]]) -> list[int]:
    """The states below one of which none is below another."""
    under = [m for m, is_below in enumerate(below[n]) if is_below]
    return [m for m in under if not any(below[other][m] for other in under)]


def level(n: int, covers: Sequence[Sequence[int]]) -> int:
    """How many steps a state stands above the lowest."""
    return 1 + max((level(m, covers) for m in covers[n]), default=-1)


def untangled(levels: Sequence[int], covers: Sequence[Sequence[int]]) -> list[list[int]]:
    """The states of each level, the lowest first, each as near as can be to those that it stands on."""
    place = dict.fromkeys(range(len(levels)), 0.0)
    rows = []
    for each in range(max(levels) + 1):
        row = [n for n, at in enumerate(levels) if at == each]
        row.sort(key=lambda n: sum(place[m] for m in covers[n]) / (len(covers[n]) or 1))
        place |= {n: at - (len(row) - 1) / 2 for at, n in enumerate(row)}
        rows.append(row)
    return rows


def drawing(
    names: Sequence[str], levels: Sequence[int], covers: Sequence[Sequence[int]], words: str
) -> str:
    """The picture as SVG."""
    rows = untangled(levels, covers)
    widths = [len(name) * CHAR + 16 for name in names]
    lengths = [sum(widths[n] for n in row) + GAP * (len(row) - 1) for row in rows]
    width = max(lengths) + 2 * EDGE
    height = len(rows) * HEIGHT + (len(rows) - 1) * BETWEEN + 2 * EDGE
    at: dict[int, tuple[float, float]] = {}
    for up, row in enumerate(rows):
        x = (width - lengths[up]) / 2
        for n in row:
            at[n] = x + widths[n] / 2, height - EDGE - HEIGHT / 2 - up * (HEIGHT + BETWEEN)
            x += widths[n] + GAP
    lines = "".join(
        f'<path class="way" d="M{at[m][0]:.1f} {at[m][1] - HEIGHT / 2:.1f}'
        f'L{at[n][0]:.1f} {at[n][1] + HEIGHT / 2:.1f}"/>'
        for n, lower in enumerate(covers)
        for m in lower
    )
    marks = "".join(
        f'<rect x="{at[n][0] - widths[n] / 2:.1f}" y="{at[n][1] - HEIGHT / 2:.1f}" '
        f'width="{widths[n]:.1f}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{at[n][0]:.1f}" y="{at[n][1] + 4.5:.1f}">{text(name)}</text>'
        for n, name in enumerate(names)
    )
    return (
        f'<svg class="lattice-svg" width="{width:.0f}" height="{height:.0f}" role="img" '
        f'aria-label="{text(words)}">{lines}{marks}</svg>'
    )
