"""How fast histories of transactions are judged: seconds of the processor, with the evidence."""

from __future__ import annotations

import time
from random import Random
from statistics import median

from autograder.checkers import Operation
from autograder.checkers.transactions import judge_transactions
from autograder.verdict import Verdict
from tests.bench.rows import Row, at_most
from tests.checkers.transactions import serial, with_stale_reads

NUMBER, CLIENTS = 10_000, 20
MODELS = ("strict-serializable", "snapshot-isolation", "read-committed")
AIM = {
    Verdict.PASS: 2.0,
    Verdict.FAIL: 10.0,
}  # seconds for so many; a wrong one includes its evidence


def measure(quick: bool) -> list[Row]:
    """Rows for lists and registers, right ones by several models, and wrong ones."""
    number = NUMBER // 10 if quick else NUMBER
    rows = []
    for appends in (True, False):
        right = serial(Random(1), number, CLIENTS, appends)
        wrong = with_stale_reads(Random(1), right)
        rows += [row(right, appends, model, Verdict.PASS) for model in MODELS]
        rows.append(row(wrong, appends, MODELS[0], Verdict.FAIL))
    return rows


def row(history: list[Operation], appends: bool, model: str, wanted: Verdict) -> Row:
    """Seconds to judge a history."""
    seconds = median(judge(history, appends, model, wanted) for _ in range(3))
    kind = "lists" if appends else "registers"
    verdict = "right" if wanted is Verdict.PASS else "wrong"
    what = f"{len(history):,} transactions on {kind}, {verdict}"
    aim = AIM[wanted] * len(history) / NUMBER
    return Row(what, seconds, "s", at_most(aim), f"{model}, {CLIENTS} clients")


def judge(history: list[Operation], appends: bool, model: str, wanted: Verdict) -> float:
    """Seconds that it takes; raises if the verdict is wrong."""
    began = time.process_time()
    finding, _ = judge_transactions(history, model, appends)
    seconds = time.process_time() - began
    if finding.verdict is not wanted:
        raise RuntimeError(f"judged wrongly: {finding.verdict}, {finding.sentence}")
    return seconds
