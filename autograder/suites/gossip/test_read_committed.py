"""Transactions on several nodes, read committed: nobody reads what was not, or not yet, committed."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.gossip.drive import drive
from autograder.gossip.load import Load
from autograder.gossip.workloads.txn_rw_register import TxnRwRegister
from autograder.points import points
from autograder.suites.gossip.transactions import (
    PARTITION,
    ask,
    must_answer_all,
    must_keep,
    must_read,
    must_refuse,
    until_read,
)

STORE = "gossip/read_committed.py:CommittedStore"
MODEL = "read-committed"


@points(1)
async def test_dirty_reads(cluster: Cluster) -> None:
    """Transactions at the same time read of each other only what is there when they have ended."""
    load = Load(nodes=2, concurrency=8, rate=400, time_limit=1, calm=0)
    run = await drive(cluster, TxnRwRegister(MODEL, keys=3), STORE, load)
    run.must_hold()


@points(1)
async def test_committed_reads(cluster: Cluster) -> None:
    """Cut off or not, a node does every transaction; ten seconds later all read the same values."""
    load = Load(nodes=2, rate=60, time_limit=3, interval=1.5, timeout=0.5)
    workload = TxnRwRegister(MODEL, keys=4, writes=8, converging=True)
    run = await drive(cluster, workload, STORE, load, [PARTITION])
    run.must_hold()
    must_answer_all(run)


@points(1)
async def test_circular_information_flow(cluster: Cluster) -> None:
    """What a transaction has read is older than what it writes, although its node's clock is slow."""
    n1, n2 = [await cluster.start(STORE, name, ("n1", "n2")) for name in ("n1", "n2")]
    cluster.jump_calendar(n1, +3600)
    cluster.jump_calendar(n2, -3600)
    for value in range(1, 21):
        await ask(cluster, "n1", ["w", 1, value])
    await until_read(cluster, "n2", 1, 20)
    await ask(cluster, "n2", ["r", 1, None], ["w", 1, 21])
    await until_read(cluster, "n1", 1, 21)
    await until_read(cluster, "n2", 1, 21)


@points(1)
async def test_refused_writes(cluster: Cluster) -> None:
    """Of a transaction that is answered with an error, no node ever reads anything."""
    nodes = [await cluster.start(STORE, name, ("n1", "n2")) for name in ("n1", "n2")]
    await ask(cluster, "n1", ["w", 1, 1])
    await must_refuse(cluster, "n1", ["w", 1, 2], ["w", 2, 3], ["increment", 1, 4])
    await ask(cluster, "n1", ["w", 3, 5])
    await until_read(cluster, "n2", 3, 5)
    for node in nodes:
        await until_read(cluster, node.id, 1, 1, refused=2)
        await must_read(cluster, node.id, 2, None, "the write to it was refused")


@points(1)
async def test_crashes_of_committers(cluster: Cluster) -> None:
    """What a node has answered reaches the other, although it crashes, and so does the other."""
    await must_keep(cluster, STORE)
