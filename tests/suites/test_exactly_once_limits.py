"""The largest values, and the rules by which the suite of exactly once makes its network."""

from __future__ import annotations

import random
from typing import Any
from unittest.mock import Mock

import msgspec

from autograder.catalog import REPOSITORY
from autograder.cluster import Cluster, rules
from autograder.cluster.trace import Message
from autograder.suites.exactly_once.memory import batches, growth
from autograder.suites.exactly_once.store import Clerk, start
from autograder.suites.messages import First, is_request
from autograder.verdict import Verdict
from tests.helpers import run_on

SOLUTIONS = REPOSITORY / "solutions"
MIB = 1 << 20
SESSION: Any = Mock()  # of nothing


def test_ten_mib_of_which_json_writes_every_byte_as_six_pass_and_are_freed() -> None:
    async def run(cluster: Cluster) -> None:
        store = await start(cluster, 2)
        ours, other = store.clerks
        async with growth(store, at_most=4 * MIB):
            await ours.put("k", "\0" * (10 * MIB))
            await other.must_append("k", "", old="\0" * (10 * MIB))
            await other.put("k", "")

    outcome = run_on(SOLUTIONS, run)
    assert (outcome.verdict, outcome.seen) == (Verdict.PASS, "")


def test_memory_that_is_kept_is_said_in_bytes() -> None:
    async def run(cluster: Cluster) -> None:
        store = await start(cluster, 1)
        async with growth(store, at_most=MIB):
            await store.clerks[0].put("k", "x" * (3 * MIB))

    outcome = run_on(SOLUTIONS, run)
    assert outcome.verdict is Verdict.FAIL
    assert outcome.seen.startswith("the server keeps 3,")
    assert "bytes more than before, and may keep 1,048,576" in outcome.seen


def test_operations_that_are_asked_for_together_are_one_step_of_the_server() -> None:
    async def run(cluster: Cluster) -> None:
        store = await start(cluster, 30)
        began = cluster.engine.events
        await store.at_once(clerk.put("k", clerk.id) for clerk in store.clerks)
        arrived = [
            event.now
            for event in cluster.trace.events
            if event.kind == "send" and event.node == store.server.id
        ]
        assert (len(arrived), len(set(arrived))) == (30, 1)
        assert cluster.engine.events - began < 30 * 5

    outcome = run_on(SOLUTIONS, run)
    assert (outcome.verdict, outcome.seen) == (Verdict.PASS, "")


def test_the_first_messages_are_lost_and_no_more() -> None:
    rule, chance = First(2, is_request), random.Random(1)
    message = Message(1, "p1", "n1", "get", 1, None, msgspec.Raw(b"{}"))
    found = [rule(message, chance) for _ in range(4)]
    assert found == [rules.LOST, rules.LOST, rules.PASS, rules.PASS]


def test_batches_are_all_of_the_clerks() -> None:
    clerks = [Clerk(session) for session in [SESSION] * 1_200]
    found = list(batches(clerks))
    assert [len(batch) for batch in found] == [500, 500, 200]
    assert [clerk for batch in found for clerk in batch] == clerks
