"""What a measurement gives: rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from rich.table import Table


class Aim(NamedTuple):
    """At least, or at most, so much."""

    bound: float
    least: bool

    def met(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value >= self.bound if self.least else value <= self.bound


def at_least(bound: float) -> Aim:
    """An aim that more is better for."""
    return Aim(bound, least=True)


def at_most(bound: float) -> Aim:
    """An aim that less is better for."""
    return Aim(bound, least=False)


class Row(NamedTuple):
    """One number, and the number that it should be; `note` says what it was made from."""

    what: str
    value: float
    unit: str
    aim: Aim | None = None
    note: str = ""

    def cells(self) -> Sequence[str]:
        """The row as text."""
        shown, unit = f"{self.value:.3g}", f" {self.unit}".rstrip()
        if self.value >= 100:
            shown = f"{self.value:,.0f}"
        if self.aim is None:
            return self.what, shown + unit, "", "", self.note
        sign = "≥" if self.aim.least else "≤"
        met = "[green]met" if self.aim.met(self.value) else "[red]not met"
        return self.what, shown + unit, f"{sign} {self.aim.bound:g}{unit}", met, self.note


def table(rows: Sequence[Row]) -> Table:
    """All rows as a table."""
    made = Table(pad_edge=False)
    for name in ("what", "measured", "aim", "", "from"):
        made.add_column(name, justify="right" if name in ("measured", "aim") else "left")
    for row in rows:
        made.add_row(*row.cells())
    return made


def interleave(rounds: int, *measures: Callable[[], float]) -> list[list[float]]:
    """What each measure gave, taken in turn (A B A B ...): noise then strikes all of them alike."""
    taken = [[measure() for measure in measures] for _ in range(rounds)]
    return [list(values) for values in zip(*taken, strict=True)]


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The median of the ratios of what was measured in the same round."""
    return median(a / b for a, b in zip(over, under, strict=True))
