"""Numbers as bars, each beside what it should be."""

from __future__ import annotations

from collections.abc import Mapping

from book.figures.page import Figure, assets, text


def bars(
    numbers: Mapping[str, float],
    target: float | None,
    title: str,
    unit: str = "",
    most: float = 0,
) -> Figure:
    """One bar for each number, and a line at `target`, the number that is right, if there is one.

    `bars({"at most once": 190, "exactly once": 200}, target=200, title="2% of all messages lost")`. The
    axis reaches to `most` at least: give all frames of a slider the same, so that they can be compared.
    """
    most = max([*numbers.values(), target or 0, most]) * 1.05 or 1
    right = "" if target is None else f"; right is {target:g}{unit}"
    rows = "".join(row(name, number, target, most, unit) for name, number in numbers.items())
    table = f'<table class="bars"><caption>{text(title + right)}</caption>{rows}</table>'
    told = (f"{name} {number:g}{unit}{judged(number, target)}" for name, number in numbers.items())
    words = f"{title}{right}: {'; '.join(told)}"
    return Figure(f'<div class="book-figure book-bars">{table}</div>', words, assets("bars"))


def row(name: str, number: float, target: float | None, most: float, unit: str) -> str:
    """One number: its name, its bar, and what it says in figures and words."""
    look = "right" if target in (None, number) else "wrong"
    line = (
        ""
        if target is None
        else f'<div class="bar-target" style="left: {100 * target / most:.2f}%"></div>'
    )
    bar = f'<div class="bar {look}" style="width: {100 * max(number, 0) / most:.2f}%"></div>'
    return (
        f'<tr><th scope="row">{text(name)}</th>'
        f'<td class="bar-cell" aria-hidden="true"><div class="bar-track">{bar}{line}</div></td>'
        f"<td>{number:g}{text(unit)}<span>{text(judged(number, target))}</span></td></tr>"
    )


def judged(number: float, target: float | None) -> str:
    """How far a number is from the right one, in words."""
    if target is None:
        return ""
    if number == target:
        return ", right"
    return f", {abs(number - target):g} too {'few' if number < target else 'many'}"
