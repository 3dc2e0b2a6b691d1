"""Transactions drawn by chance: right ones pass, and small ones are judged as the definitions say."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from autograder.checkers import Operation
from autograder.checkers.transactions import judge_transactions
from autograder.verdict import Verdict
from tests.checkers.isolation import from_the_future, is_allowed, is_serializable
from tests.checkers.transactions import interleaved, serial

SMALL = 600  # histories that are compared with the definitions
BY_ORDERS = ("serializable", "strict-serializable")
BY_CYCLES = (
    "read-uncommitted",
    "read-committed",
    "snapshot-isolation",
    "strong-snapshot-isolation",
    *BY_ORDERS,
)


def passes(history: list[Operation], model: str, appends: bool) -> bool:
    return judge_transactions(history, model, appends).finding.verdict is Verdict.PASS


@pytest.mark.parametrize("appends", [True, False])
def test_one_transaction_after_the_other_is_strictly_serializable(appends: bool) -> None:
    for seed in range(60):
        random = Random(seed)
        history = serial(random, 150, random.randint(1, 9), appends, random.choice((2, 10)))
        finding, _ = judge_transactions(history, "strict-serializable", appends)
        assert finding.verdict is Verdict.PASS, finding.sentence


def test_lists_are_judged_as_all_orders_say() -> None:
    """What lists show is all that there is to know, so the verdicts are the same."""
    seen: Counter[bool] = Counter()
    for seed in range(SMALL):
        history = interleaved(Random(seed), appends=True)
        for model in BY_ORDERS:
            right = is_serializable(history, model != "serializable") and not from_the_future(
                history
            )
            assert passes(history, model, True) == right, f"seed {seed}, {model}"
            seen[right] += 1
    assert min(seen.values()) > SMALL // 5


def test_registers_are_never_wrongly_refused() -> None:
    """Registers do not show everything; but most that is wrong is found."""
    seen: Counter[tuple[bool, bool]] = Counter()
    for seed in range(SMALL):
        history = interleaved(Random(seed), appends=False)
        possible = not from_the_future(history)
        right = {model: possible and is_allowed(history, model) for model in BY_CYCLES}
        for model in BY_ORDERS:
            assert right[model] == (possible and is_serializable(history, model != "serializable"))
        for model, is_right in right.items():
            passed = passes(history, model, False)
            assert passed or not is_right, f"seed {seed}, {model}"
            seen[is_right, passed] += 1
    assert seen[False, False] > 20 * seen[False, True]
