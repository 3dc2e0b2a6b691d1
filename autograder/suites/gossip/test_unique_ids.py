"""Unique ids: by every node alone, at once, and also after it was killed."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.gossip.drive import drive
from autograder.gossip.faults import FAULTS
from autograder.gossip.load import Load
from autograder.gossip.workloads.unique_ids import UniqueIds
from autograder.points import points

PROGRAM = "gossip/unique_ids.py:UniqueIds"


@points(2)
async def test_ids_differ(cluster: Cluster) -> None:
    """No two ids of three nodes are equal, although a thousand are asked for in a second."""
    load = Load(nodes=3, concurrency=24, rate=1000, time_limit=0.5, calm=0)
    run = await drive(cluster, UniqueIds(), PROGRAM, load)
    run.must_answer()
    run.must_hold()


@points(2)
async def test_ids_without_others(cluster: Cluster) -> None:
    """A node gives ids at once, and different ones, while it reaches neither the others nor a service."""
    faults = [FAULTS["partition"], FAULTS["services"]]
    load = Load(nodes=3, rate=60, time_limit=3, interval=0.5, timeout=1.0, calm=0)
    run = await drive(cluster, UniqueIds(), PROGRAM, load, faults)
    run.must_answer()
    run.must_hold()


@points(2)
async def test_ids_after_a_crash(cluster: Cluster) -> None:
    """A node that was killed and started again gives no id that it gave before."""
    load = Load(nodes=3, concurrency=12, rate=60, time_limit=3, interval=0.4, timeout=0.5, calm=0)
    run = await drive(cluster, UniqueIds(), PROGRAM, load, [FAULTS["kill"]])
    run.must_hold()
