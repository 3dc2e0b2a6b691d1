"""A counter without a store: the nodes alone keep it, answer at once, and agree in the end."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.gossip.drive import drive
from autograder.gossip.faults import FAULTS
from autograder.gossip.load import Load
from autograder.gossip.workloads.counters import GCounter
from autograder.points import points
from autograder.suites.gossip.additions import add_alone, end

PROGRAM = "gossip/counter_crdt.py:GrowOnlyCounter"
TROUBLED = Load(nodes=4, concurrency=8, rate=30, time_limit=3, interval=0.4, timeout=1.0, calm=0.5)


@points(2)
async def test_available_while_cut_off(cluster: Cluster) -> None:
    """A node that reaches neither others nor a service answers, and ten seconds later all read the sum."""
    faults = [FAULTS["partition"], FAULTS["one-way"], FAULTS["services"]]
    run = await drive(cluster, GCounter(), PROGRAM, TROUBLED, faults)
    await add_alone(run)
    await end(run)
    run.must_answer()
    run.must_hold()


@points(2)
async def test_exact_after_losses_and_copies(cluster: Cluster) -> None:
    """What nodes tell each other may get lost, come twice or late: no addition is lost or counted twice."""
    faults = [FAULTS["loss"], FAULTS["duplicate"]]
    run = await drive(cluster, GCounter(), PROGRAM, TROUBLED, faults)
    await end(run)
    run.must_answer()
    run.must_hold()


@points(2)
async def test_kept_through_crashes(cluster: Cluster) -> None:
    """An addition that was acknowledged is counted also if its node is killed right after."""
    run = await drive(cluster, GCounter(), PROGRAM, TROUBLED, [FAULTS["kill"]])
    await add_alone(run, crash=True)
    await end(run)
    run.must_hold()
