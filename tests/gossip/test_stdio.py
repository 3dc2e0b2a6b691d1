"""The references on standard input and output, by the wall clock, under faults."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.catalog import LABS, REPOSITORY
from autograder.gossip.load import Load
from autograder.gossip.options import Order
from autograder.gossip.results import results
from autograder.gossip.trial import attempt

LOAD = Load(nodes=3, concurrency=6, rate=60, time_limit=1.5, calm=10, timeout=1, interval=0.15)
HARSH = ("partition", "kill", "pause", "loss", "duplicate")
ALONE = ("pause", "duplicate")  # for a node that has nobody else
UNCOMMITTED, COMMITTED = {"model": "read-uncommitted"}, {"model": "read-committed"}
REFERENCES = [
    ("echo", "gossip/echo.py:EchoNode", 3, HARSH, {}),
    ("unique-ids", "gossip/unique_ids.py:UniqueIds", 3, HARSH, {}),
    ("broadcast", "gossip/broadcast.py:BroadcastNode", 3, HARSH, {}),
    ("broadcast", "gossip/broadcast_fast.py:FastBroadcast", 3, HARSH, {}),
    ("broadcast", "gossip/broadcast_few.py:FewBroadcast", 3, HARSH, {}),
    ("g-counter", "gossip/counter.py:Counter", 3, HARSH, {}),
    ("g-counter", "gossip/counter_crdt.py:GrowOnlyCounter", 3, HARSH, {}),
    ("pn-counter", "gossip/pn_counter.py:PNCounter", 3, HARSH, {}),
    ("kafka", "gossip/log.py:LogNode", 1, ALONE, {}),
    ("kafka", "gossip/log_on_lin_kv.py:LogOnLinKV", 2, HARSH, {}),
    ("kafka", "gossip/log_efficient.py:EfficientLog", 2, HARSH, {}),
    ("txn-rw-register", "gossip/transactions.py:TransactionStore", 1, ALONE, {}),
    ("txn-rw-register", "gossip/read_uncommitted.py:UncommittedStore", 2, HARSH, UNCOMMITTED),
    ("txn-rw-register", "gossip/read_committed.py:CommittedStore", 2, HARSH, COMMITTED),
]


def test_all_of_them_are_here() -> None:
    files = [program.partition(":")[0] for _, program, *_ in REFERENCES]
    assert files == list(LABS["gossip"].files)


@pytest.mark.parametrize(("workload", "program", "nodes", "faults", "settings"), REFERENCES)
def test_a_reference_breaks_no_promise(
    workload: str, program: str, nodes: int, faults: tuple[str, ...], settings: dict[str, str]
) -> None:
    """On a busy machine few faults strike, and then it is unknown whether it is valid."""
    roots = ["--root", str(REPOSITORY / "solutions"), "--root", str(REPOSITORY / "labs")]
    command = shlex.join([sys.executable, "-m", "labs.node", *roots, program])
    load = replace(LOAD, nodes=nodes)
    order = Order(
        workload, command, Path("/"), "command", "wall", load, faults, 1, settings=settings
    )
    result = results(attempt(order))
    assert result["valid"] is not False, result
    assert result["stats"]["ok-count"] > 0, result["stats"]
