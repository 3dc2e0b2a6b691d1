"""Histories from the literature, and those that a key/value store, a lock or their clients can show."""

from __future__ import annotations

import pytest

from autograder.checkers import (
    Counter,
    KeyValue,
    Lock,
    Log,
    Model,
    Operation,
    Register,
    Set,
    VersionedStore,
    check,
)
from autograder.checkers.check import parts
from autograder.checkers.search import search
from autograder.checkers.timeline import timeline
from autograder.verdict import Verdict
from tests.checkers.cases.others import APPENDS, OTHERS
from tests.checkers.cases.registers import REGISTERS
from tests.checkers.cases.versions import VERSIONS
from tests.checkers.operations import RIGHT, WRONG


@pytest.mark.parametrize(
    ("model", "verdict", "history"),
    [pytest.param(*case[1:], id=case[0]) for case in REGISTERS + VERSIONS + APPENDS + OTHERS],
)
def test_the_verdict_is_right(model: Model, verdict: Verdict, history: list[Operation]) -> None:
    assert check(history, model).verdict is verdict
    found = {search(part, model, 1_000).verdict for part in parts(timeline(history), model)}
    assert (WRONG if WRONG in found else RIGHT) is verdict


@pytest.mark.parametrize("model", [VersionedStore, KeyValue, Lock, Register, Set, Log, Counter])
def test_an_empty_history_is_right(model: Model) -> None:
    assert check([], model).verdict is RIGHT
