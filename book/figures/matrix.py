"""How a table of guarantees looks: one page of marks, and for each lab the tests behind them."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from autograder.catalog import LABS
from autograder.grading.tests import ListedTest, list_tests
from book.figures.page import Figure, assets, prose, text
from book.figures.suites import breakable

NONE = "not promised"
DASH = "\N{EN DASH}"


class Fault(NamedTuple):
    """What may happen; `key` is its name in the table."""

    key: str
    name: str
    what: str


class Cell(NamedTuple):
    """What shows a guarantee under a fault: tests, and their limit; or none, and why."""

    tests: tuple[str, ...]
    note: str


class Row(NamedTuple):
    """The n-th guarantee of a lab, and its cells by the key of the fault."""

    lab: str
    n: int
    name: str
    cells: Mapping[str, Cell]

    def anchor(self, fault: Fault) -> str:
        """Where a cell is explained on the page."""
        return f"{self.lab}-{self.n}-{fault.key}"


# ---- all labs ------------------------------------------------------------------------------------


def matrix(rows: Sequence[Row], faults: Sequence[Fault]) -> Figure:
    """A row for each guarantee, a column for each fault, and in each cell how many tests show it."""
    heads = "".join(f'<th scope="col"><span>{text(fault.name)}</span></th>' for fault in faults)
    groups = "".join(group(lab, [row for row in rows if row.lab == lab], faults) for lab in LABS)
    caption = f"How many tests show that a guarantee holds under a fault; {DASH}: {NONE}"
    return Figure(
        f'<div class="book-figure book-guarantees"><table><caption>{caption}</caption>'
        f'<thead><tr><th scope="col">guarantee</th>{heads}</tr></thead>{groups}</table>'
        f"{legend(faults)}</div>",
        "\n".join(in_words(row, faults) for row in rows),
        assets("guarantees"),
    )


def legend(faults: Sequence[Fault]) -> str:
    """What is done in each column."""
    lines = (
        f'<tr><th scope="row">{text(fault.name)}</th><td>{text(fault.what)}</td></tr>'
        for fault in faults
    )
    return (
        '<table class="faults"><caption>What is done to the programs</caption>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def group(lab: str, rows: Sequence[Row], faults: Sequence[Fault]) -> str:
    """The rows of one lab."""
    head = f'<tr><th scope="rowgroup" colspan="{len(faults) + 1}">{text(LABS[lab].title)}</th></tr>'
    lines = (
        f'<tr><th scope="row">{text(row.name)}</th>'
        + "".join(mark(row, fault) for fault in faults)
        + "</tr>"
        for row in rows
    )
    return f"<tbody>{head}{''.join(lines)}</tbody>"


def mark(row: Row, fault: Fault) -> str:
    """One cell: how many tests there are, or a dash, and where that is explained."""
    tests = row.cells[fault.key].tests
    said = f"{len(tests)} test{'s' * (len(tests) > 1)}" if tests else NONE
    kind, sign = ("shown", str(len(tests))) if tests else ("none", DASH)
    label = text(f"{said}: {LABS[row.lab].title}, {row.name}, {fault.name}")
    link = f'<a href="#{row.anchor(fault)}" aria-label="{label}">{sign}</a>'
    return f'<td class="{kind}">{link}</td>'


def in_words(row: Row, faults: Sequence[Fault]) -> str:
    """A row without a table."""
    cells = (f"{f.name}: {len(row.cells[f.key].tests) or NONE}" for f in faults)
    return f"{row.lab}, {row.name}: {'; '.join(cells)}"


# ---- one lab -------------------------------------------------------------------------------------


def one_lab(rows: Sequence[Row], faults: Sequence[Fault]) -> Figure:
    """A table for each guarantee, and below them the tests with their source."""
    lab = rows[0].lab
    tables = "".join(explained(row, faults) for row in rows)
    used = {test for row in rows for cell in row.cells.values() for test in cell.tests}
    tests = "".join(source(lab, test) for test in list_tests(LABS[lab]) if test.name in used)
    title = '<p class="figure-title">The tests</p>'
    return Figure(
        f'<div class="book-figure book-guarantee">{tables}{title}{tests}</div>',
        "\n".join(in_words(row, faults) for row in rows),
        assets("guarantees"),
    )


def explained(row: Row, faults: Sequence[Fault]) -> str:
    """One guarantee: the tests of each cell; then, together, what is not promised."""
    lines = [line(row, [f], row.cells[f.key]) for f in faults if row.cells[f.key].tests]
    missing: dict[Cell, list[Fault]] = {}
    for fault in faults:
        if not (cell := row.cells[fault.key]).tests:
            missing.setdefault(cell, []).append(fault)
    lines += [line(row, together, cell) for cell, together in missing.items()]
    return (
        f'<table><caption>{text(row.name)}</caption><thead><tr><th scope="col">'
        f'if</th><th scope="col">shown by</th></tr></thead><tbody>{"".join(lines)}</tbody></table>'
    )


def line(row: Row, faults: Sequence[Fault], cell: Cell) -> str:
    """The cells of one or more faults that have the same to say."""
    heads = "<br>".join(f'<span id="{row.anchor(f)}">{text(f.name)}</span>' for f in faults)
    links = ", ".join(
        f'<a href="#{anchor(row.lab, test)}"><code>{breakable(test)}</code></a>'
        for test in cell.tests
    )
    said = links or f"<strong>{NONE}</strong>"
    note = f"{'; ' if links else ': '}{text(cell.note)}" if cell.note else ""
    return f'<tr><th scope="row">{heads}</th><td>{said}{note}</td></tr>'


def anchor(lab: str, test: str) -> str:
    """Where a test stands on the page."""
    return f"{lab}-{test}"


def source(lab: str, test: ListedTest) -> str:
    """A test: its promise, and to be unfolded, the whole of it."""
    code = textwrap.dedent(inspect.getsource(test.function))
    summary = f"<summary><code>{breakable(test.name)}</code> {prose(test.promise)}</summary>"
    place = anchor(lab, test.name)
    return f'<details id="{place}">{summary}<pre tabindex="0">{text(code)}</pre></details>'
