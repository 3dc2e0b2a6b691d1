"""A counter on a store whose reads may be old: in the end it is exact, whatever happened before."""

from __future__ import annotations

from dataclasses import replace

from autograder.cluster import Cluster
from autograder.gossip.drive import drive, set_up
from autograder.gossip.faults import FAULTS
from autograder.gossip.load import Load
from autograder.gossip.workloads.counters import GCounter
from autograder.points import points
from autograder.suites.gossip.additions import add_alone, add_at, add_unheard, end

PROGRAM = "gossip/counter.py:Counter"
TURNS = 8
TROUBLED = Load(nodes=3, concurrency=9, rate=40, time_limit=4, interval=0.5, timeout=1.5, calm=0.5)


@points(1)
async def test_additions_at_once(cluster: Cluster) -> None:
    """Additions that nodes make at the same time are all counted, ten seconds later by every node."""
    load = Load(nodes=3, concurrency=9, rate=60, time_limit=2, latency=0.05, calm=0.5)
    run = await drive(cluster, GCounter(), PROGRAM, load)
    await end(run)
    run.must_answer()
    run.must_hold()


@points(1)
async def test_no_read_is_old(cluster: Cluster) -> None:
    """Ten seconds after one node has added, every other node reads the sum, time and again."""
    run = await set_up(cluster, GCounter(), PROGRAM, Load(nodes=5, latency=0.01))
    for turn in range(TURNS):
        await add_at(run, turn % 5, times=8)
        await end(run)
        run.must_answer()
        run.must_hold()


@points(1)
async def test_exact_after_partitions(cluster: Cluster) -> None:
    """Nodes that cannot reach each other lose no addition: the store, which they reach, has them all."""
    run = await drive(cluster, GCounter(), PROGRAM, TROUBLED, [FAULTS["partition"]])
    await end(run)
    run.must_hold()


@points(2)
async def test_exact_after_a_lost_store(cluster: Cluster) -> None:
    """If requests to the store, or its answers, get lost, no addition is, and none is counted twice."""
    load = replace(TROUBLED, timeout=5.0)  # so that few additions are in doubt
    run = await drive(cluster, GCounter(), PROGRAM, load, [FAULTS["services"], FAULTS["loss"]])
    await add_unheard(run)
    await end(run)
    run.must_hold()


@points(2)
async def test_exact_after_crashes(cluster: Cluster) -> None:
    """An addition that was acknowledged is counted also if its node is killed right after."""
    run = await drive(cluster, GCounter(), PROGRAM, TROUBLED, [FAULTS["kill"]])
    await add_alone(run, crash=True)
    await end(run)
    run.must_hold()
