"""Cells of the table of guarantees: the tests that show one, or why it is not promised."""

from __future__ import annotations

from book.figures.matrix import Cell

NO_CALENDAR = "no test of this lab sets a date"
UNTESTED = "no test looks"


def shown(*tests: str, but: str = "") -> Cell:
    """These tests of the lab show it, with a limit that the reader must know."""
    return Cell(tests, but)


def no(why: str) -> Cell:
    """It is not promised."""
    return Cell((), why)


def none(why: str, *faults: str) -> dict[str, Cell]:
    """It is not promised for several faults, for one reason."""
    return dict.fromkeys(faults, no(why))
