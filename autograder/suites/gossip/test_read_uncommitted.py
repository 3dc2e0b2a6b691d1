"""Transactions on several nodes, read uncommitted: they overwrite each other in one order, everywhere."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext

from autograder.cluster import Cluster
from autograder.gossip.drive import drive
from autograder.gossip.load import Load
from autograder.gossip.workloads.txn_rw_register import TxnRwRegister
from autograder.points import points
from autograder.suites.gossip.transactions import (
    COPIES,
    LOSS,
    PARTITION,
    ask,
    must_agree,
    must_answer_all,
    must_keep,
    must_read,
    must_refuse,
    overwrite,
    until_read,
)

STORE = "gossip/read_uncommitted.py:UncommittedStore"
MODEL = "read-uncommitted"


@points(1)
async def test_always_answers(cluster: Cluster) -> None:
    """A node that can reach no other does every transaction all the same."""
    load = Load(nodes=2, rate=30, time_limit=5, calm=0, interval=3, timeout=1)
    run = await drive(cluster, TxnRwRegister(MODEL), STORE, load, [PARTITION])
    run.must_hold()
    must_answer_all(run)


@points(1)
async def test_no_dirty_writes(cluster: Cluster) -> None:
    """Where two transactions wrote the same keys, in the end all of them have what the same one wrote."""
    nodes = ("n1", "n2")
    for name in nodes:
        await cluster.start(STORE, name, nodes)
    for first in range(0, 30, 3):
        cut = cluster.network.partition({"n1"}, {"n2"}) if first % 2 else nullcontext()
        with cut:
            keys = range(first, first + 3)
            await asyncio.gather(*(overwrite(cluster, node, keys) for node in nodes))
    await must_agree(cluster, MODEL, nodes, range(30))


@points(1)
async def test_refused_operations(cluster: Cluster) -> None:
    """A transaction with an operation that does not exist is refused, and no node keeps anything of it."""
    nodes = [await cluster.start(STORE, name, ("n1", "n2")) for name in ("n1", "n2")]
    await must_refuse(cluster, "n1", ["w", 1, 2], ["increment", 2, 3])
    await ask(cluster, "n1", ["w", 3, 5])
    await until_read(cluster, "n2", 3, 5)
    for node in nodes:
        await must_read(cluster, node.id, 1, None, "the write to it was refused")


@points(1)
async def test_agreement(cluster: Cluster) -> None:
    """Ten seconds after the last loss, copy or cut, all nodes read the same values."""
    load = Load(nodes=3, rate=60, time_limit=2, interval=0.5, timeout=1)
    workload = TxnRwRegister(MODEL, keys=4, writes=6, converging=True)
    run = await drive(cluster, workload, STORE, load, [PARTITION, LOSS, COPIES])
    run.must_hold()


@points(1)
async def test_crashes_of_nodes(cluster: Cluster) -> None:
    """What a node has answered reaches the other, although it crashes, and so does the other."""
    await must_keep(cluster, STORE)
