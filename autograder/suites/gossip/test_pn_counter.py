"""A counter that goes up and down, kept by the nodes alone."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.gossip.drive import drive
from autograder.gossip.faults import FAULTS
from autograder.gossip.load import Load
from autograder.gossip.workloads.counters import PNCounter
from autograder.points import points
from autograder.suites.gossip.additions import add_alone, end

PROGRAM = "gossip/pn_counter.py:PNCounter"
TROUBLED = Load(nodes=3, concurrency=6, rate=30, time_limit=3, interval=0.4, timeout=1.0, calm=0.5)


@points(2)
async def test_up_and_down_while_cut_off(cluster: Cluster) -> None:
    """A node answers also while it is cut off, and ten seconds after that all read the exact sum."""
    run = await drive(cluster, PNCounter(), PROGRAM, TROUBLED, [FAULTS["partition"]])
    await add_alone(run)
    await end(run)
    run.must_answer()
    run.must_hold()


@points(1)
async def test_up_and_down_with_copies(cluster: Cluster) -> None:
    """What nodes tell each other may come twice or late: nothing is taken away that was added, or twice."""
    run = await drive(cluster, PNCounter(), PROGRAM, TROUBLED, [FAULTS["duplicate"]])
    await end(run)
    run.must_answer()
    run.must_hold()


@points(2)
async def test_up_and_down_through_crashes(cluster: Cluster) -> None:
    """What was acknowledged is counted also if its node is killed right after."""
    run = await drive(cluster, PNCounter(), PROGRAM, TROUBLED, [FAULTS["kill"]])
    await add_alone(run, crash=True)
    await end(run)
    run.must_hold()
