"""Transactions on one node: each is done as a whole, and alone."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.gossip.drive import drive
from autograder.gossip.load import Load
from autograder.gossip.workloads.txn_list_append import TxnListAppend
from autograder.gossip.workloads.txn_rw_register import TxnRwRegister
from autograder.points import points
from autograder.suites.gossip.transactions import KILL, ask, must_answer_all, must_read, must_refuse

STORE = "gossip/transactions.py:TransactionStore"


@points(1)
async def test_registers(cluster: Cluster) -> None:
    """Every transaction is done; its reads see its own writes, and what the ones before it left."""
    load = Load(concurrency=4, rate=100, time_limit=2, calm=0)
    run = await drive(cluster, TxnRwRegister(keys=4), STORE, load)
    run.must_hold()
    must_answer_all(run)


@points(2)
async def test_one_after_the_other(cluster: Cluster) -> None:
    """Transactions that are asked at the same time are done as if one came after the other."""
    load = Load(concurrency=8, rate=400, time_limit=1, calm=0)
    run = await drive(cluster, TxnListAppend(keys=4), STORE, load)
    run.must_hold()


@points(1)
async def test_refused_transaction(cluster: Cluster) -> None:
    """Of a transaction with an operation that cannot be done, nothing is done."""
    store = await cluster.start(STORE, "n1", ("n1",))
    await ask(cluster, store.id, ["append", 1, 1], ["w", 2, 2])
    await must_refuse(cluster, store.id, ["w", 3, 3], ["append", 1, 4], ["append", 2, 5])
    await must_refuse(cluster, store.id, ["append", 1, 6], ["w", 2, 7], ["increment", 3, 8])
    for key, value in ((1, [1]), (2, 2), (3, None)):
        await must_read(cluster, store.id, key, value, "a refused transaction has left something")


@points(1)
async def test_crashes(cluster: Cluster) -> None:
    """What was answered is there after a crash, and what was not is there as a whole or not at all."""
    load = Load(concurrency=4, rate=100, time_limit=3, calm=1, interval=0.4, timeout=0.5)
    run = await drive(cluster, TxnListAppend(keys=4, converging=True), STORE, load, [KILL])
    run.must_hold()
