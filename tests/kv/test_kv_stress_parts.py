"""The parts of a stress run: what a client recognises, what is counted, and what a user reads."""

from __future__ import annotations

import asyncio
import io
from random import Random
from typing import Any

import pytest
from rich.console import Console

from autograder.checkers import Operation
from autograder.kv.loss import Losses
from autograder.kv.stress.client import Fate, StressClient, Tally, recognise, sum_of
from autograder.kv.stress.config import Client
from autograder.kv.stress.live import watching
from autograder.kv.stress.record import MISSING, Entry, Record, RecordingClerk
from autograder.kv.stress.report import compare, show
from autograder.kv.stress.result import Concurrency, Latency, Persistence, Result, nearest
from autograder.kv.stress.run import persistence
from autograder.verdict import Verdict
from labs.node import CallTimeout, Crashed, KeyDoesNotExist, Mistake, PreconditionFailed, RPCError
from tests.kv.services import run

# ---- a client ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "fate"),
    [
        (Entry("mine", 4), Fate.RECOVERED),
        (Entry("theirs", 4), Fate.NOT_DONE),
        (Entry("mine", 5), Fate.UNCLEAR),
        (Entry("theirs", 9), Fate.UNCLEAR),
        (Entry("mine", 3), Fate.UNCLEAR),
        (Entry("theirs", 3), Fate.UNCLEAR),
        (MISSING, Fate.UNCLEAR),
    ],
)
def test_a_write_is_recognised_by_its_value_at_its_version_alone(entry: Entry, fate: Fate) -> None:
    assert recognise("mine", 3, entry) is fate


class Script:
    """A clerk that answers what it is told, and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = [*answers]
        self.asked: list[tuple[Any, ...]] = []

    async def get(self, key: str) -> Any:
        return self._next("get", key)

    async def put(self, key: str, value: str, version: int) -> Any:
        return self._next("put", key, value, version)

    def _next(self, *question: Any) -> Any:
        self.asked.append(question)
        if not self.answers:
            raise asyncio.CancelledError
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


MAYBE = RPCError("", 1001)
V3, V9 = ("v", 3), ("v", 9)


@pytest.mark.parametrize(
    ("answers", "tally"),
    [
        ([V3, None], Tally(gets=1, puts=1)),
        ([KeyDoesNotExist(), None], Tally(gets=1, puts=1)),
        ([V3, PreconditionFailed()], Tally(gets=1, conflicts=1)),
        ([V3, MAYBE, ("anna #1", 4)], Tally(gets=2, maybe=1, recovered=1)),
        (
            [V3, MAYBE, ("other", 4), ("other", 4), None],
            Tally(gets=3, puts=1, maybe=1, not_done=1, retries=1),
        ),
        (
            [V3, MAYBE, ("anna #1", 9), V9, Crashed(), V9, V9, MAYBE, ("other", 10)],
            Tally(gets=6, maybe=3, not_done=1, unclear=2, retries=2),
        ),
        ([CallTimeout(), V3, None], Tally(gets=1, puts=1, failed_gets=1)),
    ],
)
def test_a_client_counts_what_became_of_its_writes(answers: list[Any], tally: Tally) -> None:
    script = Script(*answers)
    clerk = RecordingClerk("anna", script, Record())
    client = StressClient(Client("anna", ["k"]), retries=2, clerk=clerk, chance=Random(1))
    with pytest.raises(asyncio.CancelledError):
        run(client.live())
    assert client.tally == tally
    puts = [question[2] for question in script.asked if question[0] == "put"]
    assert puts == [f"anna #{n + 1}" for n in range(len(puts))]


def test_what_is_asked_is_in_the_history_with_its_answer() -> None:
    record = Record()
    history = record.history
    clerk = RecordingClerk("anna", Script(("v", 1), KeyDoesNotExist(), None, MAYBE), record)

    async def body() -> None:
        assert await clerk.get("k") == ("v", 1)
        assert await clerk.get("n") == MISSING
        await clerk.put("k", "w", 1)
        with pytest.raises(RPCError):
            await clerk.put("k", "x", 2)
        with pytest.raises(asyncio.CancelledError):
            await clerk.get("k")

    run(body())
    assert [(op.name, op.args, op.result, op.error) for op in history] == [
        ("get", ("k",), ("v", 1), None),
        ("get", ("n",), None, 20),
        ("put", ("k", "w", 1), None, None),
        ("put", ("k", "x", 2), None, 1001),
        ("get", ("k",), None, None),
    ]
    assert history[0].invoked == 0
    ends = [op.returned for op in history]
    assert ends[-1] is None
    assert all(end is not None and op.invoked <= end for op, end in zip(history, ends[:-1]))  # noqa: B905


def test_a_clerk_that_answers_what_it_does_not_promise_is_named() -> None:
    clerk = RecordingClerk("anna", Script("v"), Record())
    with pytest.raises(Mistake, match=r"test_kv_stress_parts\.py:.*get returned 'v', and promises"):
        run(clerk.get("k"))


def test_tallies_add_up() -> None:
    total = sum_of({"a": Tally(gets=1, maybe=2), "b": Tally(gets=3, retries=1)})
    assert total == Tally(gets=4, maybe=2, retries=1)


# ---- what is counted -----------------------------------------------------------------------------


def test_percentiles_are_by_nearest_rank() -> None:
    hundred = [float(n) for n in range(1, 101)]
    assert [nearest(hundred, p) for p in (50, 90, 99, 100)] == [50, 90, 99, 100]
    assert [nearest([1.0, 2.0, 3.0], p) for p in (50, 90, 99, 100)] == [2, 3, 3, 3]
    assert nearest([], 50) == 0


def test_latencies_are_those_of_answered_operations() -> None:
    took = [Operation("c", "get", ("k",), 1_000, 1_000 + ms * 1_000) for ms in (3, 1, 2)]
    assert Latency.of([*took, Operation("c", "get", ("k",), 0)]) == Latency(2, 3, 3, 3)


def put(version: int, value: str, **end: Any) -> Operation:
    return Operation("c", "put", ("k", value, version), 0, **end)


@pytest.mark.parametrize(
    ("entry", "lost"),
    [
        (Entry("c", 3), 0),
        (Entry("later", 9), 0),
        (Entry("other", 3), 1),
        (Entry("b", 2), 1),
        (Entry("a", 1), 2),
        (MISSING, 3),
    ],
)
def test_an_acknowledged_write_is_lost_if_it_is_neither_there_nor_overwritten(
    entry: Entry, lost: int
) -> None:
    operations = [put(n, value, returned=1) for n, value in enumerate("abc")]
    unsure = [put(3, "d"), put(3, "e", returned=1, error=1001), put(7, "f", returned=1, error=22)]
    found = persistence([*operations, *unsure], {"k": entry}, promised=True, problem="")
    assert (found.acknowledged, found.lost, found.broken) == (3, lost, lost > 0)


def result(verdict: Verdict, persistence: Persistence) -> Result:
    nothing = Latency(0, 0, 0, 0)
    return Result("file", 1, 1.0, 3, 0, 0, 3.0, nothing, nothing, {"[red]anna": Tally(gets=2)},
                  Losses(), Losses(), persistence, verdict, "why", ["evidence"])  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "persistence", "code", "said"),
    [
        (Verdict.PASS, Persistence(3, 0, True), 0, "verdict: linearizable"),
        (Verdict.PASS, Persistence(3, 3, False), 0, "3 of 3 acknowledged writes are lost: this"),
        (Verdict.PASS, Persistence(3, 1, True), 1, "1 of 3 acknowledged writes are lost"),
        (Verdict.PASS, Persistence(3, 0, True, "the file is damaged"), 1, "the file is damaged"),
        (Verdict.FAIL, Persistence(3, 0, True), 1, "verdict: not linearizable: why\n  evidence"),
        (Verdict.UNKNOWN, Persistence(3, 0, True), 3, "verdict: undecided: why"),
        (Verdict.UNKNOWN, Persistence(3, 1, True), 1, "verdict: undecided: why"),
    ],
)
def test_the_exit_code_and_the_text_say_the_same(
    verdict: Verdict, persistence: Persistence, code: int, said: str
) -> None:
    found = result(verdict, persistence)
    console = Console(file=io.StringIO(), width=80)
    show(console, found)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert found.exit_code == code
    assert said in text
    assert "[red]anna" in text


@pytest.mark.parametrize(("alone", "said"), [(20.0, "30 (1.5 times with 8)"), (0.0, "30 (with 8)")])
def test_storages_are_compared_even_if_one_has_done_nothing(alone: float, said: str) -> None:
    found = result(Verdict.PASS, Persistence(3, 0, True))
    found.concurrency = Concurrency(alone, 30.0, 8)
    console = Console(file=io.StringIO(), width=80)
    compare(console, [found])
    assert said in console.file.getvalue()  # type: ignore[attr-defined]


def test_who_watches_sees_a_table_and_who_does_not_some_lines() -> None:
    tallies = {"anna": Tally(gets=5, puts=4), "bela": Tally(gets=2, maybe=1)}
    for terminal in (True, False):
        console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
        with watching(console, "file", 3.0) as watch:
            for quarter in range(13):
                watch(quarter / 4, tallies)
        text = console.file.getvalue()  # type: ignore[attr-defined]
        if terminal:
            assert "file, 3.0 of 3 s" in text
            assert "bela" in text
        else:
            line = "7 gets, 4 puts, 0 conflicts, 1 Maybe"
            assert text.splitlines() == [f"file, {s}.0 s: {line}" for s in (1, 2, 3)]
