"""Cycles of transactions in the picture of a failure, and transactions in words."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest

from autograder.checkers import Operation
from autograder.checkers.finding import Dependency
from autograder.report import words
from autograder.report.cycle import MEANING, MOST, Box, cycle_figure, in_words, placed
from autograder.report.picture import Scene, draw


def txn(client: str, asked: Any, result: Any = None, error: int | None = None) -> Operation:
    return Operation(client, "txn", asked, 0, 5, result, error)


def circle(number: int, key: Any = "x") -> list[Dependency]:
    kinds = [*MEANING]
    return [
        Dependency(txn("c", (("r", key, None),), [["r", key, n]]), f"T{n} of c", kinds[n % 5], key)
        for n in range(number)
    ]


@pytest.mark.parametrize("number", range(2, MOST + 1))
def test_every_step_is_drawn(number: int) -> None:
    steps = circle(number)
    html = cycle_figure(steps, "a circle")
    assert re.findall(r'class="cycle-arrow (\w+)"', html) == [step.kind for step in steps]
    assert re.findall(r'class="name"[^>]*>([^<]*)<', html) == [step.name for step in steps]
    assert f"T{number - 1} of c -{steps[-1].kind} x-&gt; T0 of c" in html
    assert all(said in html for kind, said in MEANING.items() if kind in {s.kind for s in steps})


def test_a_page_without_a_cycle_says_nothing_of_one() -> None:
    assert cycle_figure([], "none") == ""
    assert 'class="cycle-' not in draw(Scene("test_nothing")).figure()


def test_a_cycle_too_long_for_a_picture_is_counted() -> None:
    page = draw(Scene("test_much", cycle=circle(MOST + 1))).figure()
    assert f"The cycle has {MOST + 1} transactions" in page
    assert '<svg class="cycle-svg' not in page


def test_texts_of_a_cycle_are_no_html() -> None:
    steps = [
        Dependency(txn("c", (), [["r", "<b>", "</svg>"]]), "<i>", "ww", "<u>"),
        Dependency(
            txn("c", (), [["<p>", "x", "\x1b[31m"]]), "T1", "wr", "\N{RIGHT-TO-LEFT OVERRIDE}"
        ),
    ]
    html = cycle_figure(steps, '"><script>')
    assert not re.search(r"<b>|<i>|<u>|<p>|<script|</svg>[^<]*</text>|\x1b|\u202e", html)
    assert "<i>" in in_words(steps)


@pytest.mark.parametrize("number", range(2, MOST + 1))
def test_boxes_stand_apart(number: int) -> None:
    boxes = placed([["T0 of A", *["append x 1"] * (n % 4 + 1)] for n in range(number)])
    assert len(boxes) == number
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))
    assert all(box.x >= 0 <= box.y for box in boxes)


def overlap(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return not (beside or one.y + one.height <= other.y or other.y + other.height <= one.y)


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (txn("c", (("r", 1, None), ("w", 2, 6))), "txn r 1, w 2 6 → ok"),
        (txn("c", (("r", 1, None),), error=30), "txn r 1 → TransactionConflict"),
        (txn("c", (("r", 1, None),), [["r", 1, None]]), "txn r 1 → nothing"),
        (txn("c", (("r", 1, None),), [["r", 1, [4, 5]]]), "txn r 1 → [4, 5]"),
        (txn("c", (), [["append", "x", 7]] * 9), f"txn {'append x 7, ' * 8}…"),
        (txn("c", (), 17), "txn 17"),
        (txn("c", (), [17, ["r"]]), "txn 17, ['r']"),
    ],
)
def test_a_transaction_in_words(operation: Operation, said: str) -> None:
    assert words.said(operation) == said
