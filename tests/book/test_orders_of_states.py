"""Figures of cycles and lattices: what they draw is what the checker and the merge say."""

from __future__ import annotations

import re
from itertools import combinations, product
from typing import Any

import pytest

from autograder.checkers import Operation
from autograder.checkers.transactions import LEVELS, judge_transactions
from book.figures.cycle import as_registers, cycle, on_used_keys, txn
from book.figures.lattice import closed, lattice
from labs.node.errors import TransactionConflict
from tests.book.figures import THEMES, WIDTHS, page, violations
from tests.report.conftest import Reader

# Histories by the name of the cycle that is in them, and the weakest model that forbids it.
CYCLES: dict[str, tuple[list[Operation], str]] = {
    "G0": (
        [
            txn("A", ("append", "x", 1), ("append", "y", 1)),
            txn("B", ("append", "x", 2), ("append", "y", 2)),
            txn("C", ("r", "x", [1, 2]), ("r", "y", [2, 1]), at=(11, 12)),
        ],
        "read-uncommitted",
    ),
    "G1c": (
        [
            txn("A", ("append", "x", 1), ("r", "y", [1])),
            txn("B", ("append", "y", 1), ("r", "x", [1])),
        ],
        "read-committed",
    ),
    "G-single": (
        [
            txn("A", ("append", "x", 1), ("append", "y", 1)),
            txn("B", ("r", "x", []), ("r", "y", [1])),
        ],
        "snapshot-isolation",
    ),
    "G-nonadjacent": (
        [
            txn("A", ("append", "x", 1)),
            txn("B", ("append", "y", 1)),
            txn("C", ("r", "x", [1]), ("r", "y", [])),
            txn("D", ("r", "x", []), ("r", "y", [1])),
        ],
        "snapshot-isolation",
    ),
    "G2": (
        [
            txn("A", ("r", "x", []), ("append", "y", 1)),
            txn("B", ("r", "y", []), ("append", "z", 1)),
            txn("C", ("r", "z", []), ("append", "x", 1)),
        ],
        "serializable",
    ),
    "G-single-realtime": (
        [txn("A", ("append", "x", 1), at=(0, 1)), txn("B", ("r", "x", []), at=(2, 3))],
        "strict-serializable",
    ),
}
BASKETS = [frozenset[str](), *(frozenset({thing}) for thing in ("tent", "lamp", "map"))]


def figures() -> list[Any]:
    return [
        *(cycle(history, model, name) for name, (history, model) in CYCLES.items()),
        baskets(),
    ]


def baskets() -> Any:
    return lattice(BASKETS, frozenset.union, shown, "Three things")


def shown(basket: frozenset[str]) -> str:
    return ", ".join(sorted(basket)) or "nothing"


# ---- cycles ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_is_the_one_that_the_checker_tells_of(name: str) -> None:
    history, model = CYCLES[name]
    finding, figures = judge_transactions(history, model, appends=True)
    shown = cycle(history, model, name)
    assert figures["anomaly-types"][0] == name
    assert finding.sentence in shown.words
    steps = finding.cycle
    assert all(step.operation in finding.evidence for step in steps)
    drawn = re.findall(r'class="cycle-arrow (\w+)"', shown.html)
    assert drawn == [step.kind for step in steps]
    assert all(step.name in finding.sentence and step.name in shown.html for step in steps)


def test_a_history_without_a_cycle_is_refused() -> None:
    aborted = [txn("A", ("append", "x", 1), error=TransactionConflict), txn("B", ("r", "x", [1]))]
    for history, model in ((CYCLES["G2"][0], "snapshot-isolation"), (aborted, "serializable")):
        with pytest.raises(ValueError, match="no cycle for a picture"):
            cycle(history, model, "none")


def test_a_transaction_is_told_as_it_was_asked_and_answered() -> None:
    done = txn("A", ("r", "x", [1]), ("append", "y", 2), at=(1, 3))
    assert (done.args, done.result) == (
        (("r", "x", None), ("append", "y", 2)),
        [["r", "x", [1]], ["append", "y", 2]],
    )
    assert (done.invoked, done.returned, done.error) == (1000, 3000, None)
    assert txn("A", ("r", "x", [1]), error=TransactionConflict).result is None
    assert txn("A", ("r", "x", [1]), at=(0, None)).returned is None


def test_texts_of_transactions_are_no_html() -> None:
    history = [
        txn("<b>", ("append", "<i>", "</svg>"), ("r", "y", ["<p>"])),
        txn("B", ("append", "y", "<p>"), ("r", "<i>", ["</svg>"])),
    ]
    html = cycle(history, "read-committed", "<u>").html
    assert not re.search(r"<b>|<i>|<u>|</svg>[^<]*</text>", html)


@pytest.mark.parametrize("name", ["G0", "G1c", "G-single", "G2"])
def test_a_history_may_begin_on_used_keys(name: str) -> None:
    history, _ = CYCLES[name]
    used = on_used_keys(history)
    for forbidden in LEVELS:
        verdicts = [judge_transactions(each, forbidden, True).finding for each in (history, used)]
        if "strict" not in forbidden and "strong" not in forbidden:
            assert verdicts[0].verdict is verdicts[1].verdict, forbidden
    reads = [micro for each in used[1:] for micro in each.result if micro[0] == "r"]
    assert all(value[0] == 0 for _, _, value in reads)
    for operation, same in zip(used, as_registers(used), strict=True):
        for (verb, key, value), (told, of, last) in zip(operation.result, same.result, strict=True):
            assert (told, of) == ("r" if verb == "r" else "w", key)
            assert last == (value[-1] if verb == "r" else value)


# ---- lattices ----------------------------------------------------------------------------------------


def test_a_line_leads_to_what_knows_just_a_little_more() -> None:
    figure = baskets()
    assert "map: just above nothing" in figure.words
    assert "lamp, tent: just above tent and lamp" in figure.words
    assert figure.html.count('class="way"') == 12  # the edges of a cube
    assert figure.html.count("<rect") == len(closed(BASKETS, frozenset.union)) == 8


def test_lines_of_counts_do_not_cross() -> None:
    counts = [(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)]
    figure = lattice(counts, lambda a, b: (max(a[0], b[0]), max(a[1], b[1])), str, "Counts")
    found = re.findall(r"M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)", figure.html)
    lines = [tuple(map(float, each)) for each in found]
    assert len(lines) == 12  # of a grid of nine
    for (x, y, to_x, to_y), (other, same, to_other, to_same) in combinations(lines, 2):
        if (y, to_y) == (same, to_same):
            assert (x - other) * (to_x - to_other) >= 0


def test_a_lattice_holds_every_join() -> None:
    found = closed(BASKETS, frozenset.union)
    assert all(one | other in found for one, other in product(found, found))


def test_a_merge_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        lattice([1, 2], lambda a, b: a + b, str, "sums")
    with pytest.raises(ValueError, match="no order"):
        lattice([1, 2], lambda a, b: a, str, "the first")


# ---- in a browser ------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_they_are_accessible_and_fit(reader: Reader, theme: str, width: int) -> None:
    with reader.opens(page(*figures(), theme=theme), width) as watched:
        assert violations(watched.page) == []
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        for picture in watched.page.locator("svg").all():
            assert (
                "T0 of A" in (said := picture.get_attribute("aria-label") or "") or "tent" in said
            )


@pytest.mark.parametrize("name", CYCLES)
def test_nothing_is_drawn_outside(reader: Reader, name: str) -> None:
    history, model = CYCLES[name]
    with reader.opens(page(cycle(history, model, name))) as watched:
        outside = watched.page.evaluate(
            """() => { const edge = document.querySelector(".cycle-svg").getBoundingClientRect();
              return [...document.querySelectorAll(".cycle-svg :is(rect, text, path)")].filter((e) => {
                const box = e.getBoundingClientRect();
                return box.left < edge.left - 1 || box.right > edge.right + 1
                    || box.top < edge.top - 1 || box.bottom > edge.bottom + 1; }).length; }"""
        )
        assert outside == 0
