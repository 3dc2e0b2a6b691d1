"""What tests of transactions share: single transactions, and what must be said of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from autograder.checkers.transactions import judge_transactions
from autograder.cluster import Cluster
from autograder.gossip.drive import Run
from autograder.gossip.faults import FAULTS
from autograder.verdict import Verdict
from autograder.violation import Violation
from labs.node.errors import RPCError

PARTITION, KILL, LOSS, COPIES = (
    FAULTS[name] for name in ("partition", "kill", "loss", "duplicate")
)
Micro = Sequence[Any]


def client_of(node: str) -> str:
    """Who asks a node."""
    return f"c{node.removeprefix('n')}"


async def overwrite(cluster: Cluster, node: str, keys: Sequence[int]) -> None:
    """Write all of some keys, in any order, in one transaction."""
    before = sum(len(each.args) for each in cluster.history)
    order = cluster.random.sample(keys, len(keys))
    await ask(cluster, node, *(["w", key, before + n + 1] for n, key in enumerate(order)))


async def must_agree(
    cluster: Cluster, model: str, nodes: Sequence[str], keys: Sequence[int]
) -> None:
    """After ten quiet seconds, all that was asked must be as a model demands, and nodes read the same."""
    await asyncio.sleep(10)
    quiet = cluster.engine.now
    for node in nodes:
        for key in keys:
            await ask(cluster, node, ["r", key, None])
    finding, _ = judge_transactions(cluster.history, model, appends=False, quiet=quiet)
    if finding.verdict is Verdict.FAIL:
        raise Violation(finding.sentence, finding.evidence, finding.cycle)


async def ask(cluster: Cluster, node: str, *micros: Micro) -> list[list[Any]]:
    """Do one transaction, and return its operations as they were answered; of a node, one at a time."""
    history = cluster.history
    number = history.begin(client_of(node), "txn", micros, cluster.engine.now, node)
    try:
        reply = await cluster.call(node, {"type": "txn", "txn": micros})
    except RPCError as error:
        history.end(number, cluster.engine.now, error=error.code)
        raise
    answered: list[list[Any]] = reply["txn"]
    history.end(number, cluster.engine.now, answered)
    return answered


async def until_read(
    cluster: Cluster, node: str, key: int, value: Any, refused: Any = None
) -> None:
    """Wait until a node reads a value that was written before, and never one whose write was refused."""
    seen = None
    for _ in range(100):
        [[_, _, seen]] = await ask(cluster, node, ["r", key, None])
        if seen == value:
            return
        if seen is not None and seen == refused:
            last = cluster.history.last(client_of(node))
            raise Violation(f"{node} reads {seen} in {key}, and that write was refused", [last])
        await asyncio.sleep(0.1)
    last = cluster.history.last(client_of(node))
    raise Violation(
        f"not within 10 s: {node} reads {value} in {key}; it still reads {seen}", [last]
    )


async def must_keep(cluster: Cluster, program: str) -> None:
    """What a node has answered reaches its peer, whichever of the two crashes."""
    nodes = [await cluster.start(program, name, ("n1", "n2")) for name in ("n1", "n2")]
    with cluster.network.partition({"n1"}, {"n2"}):
        await ask(cluster, "n1", ["w", 1, 1], ["w", 2, 2])
        await cluster.crash(nodes[0])
        await cluster.restart(nodes[0])
    await until_read(cluster, "n2", 1, 1)
    await asyncio.sleep(5)  # so that n2 has said that it knows
    await cluster.crash(nodes[1])
    await cluster.restart(nodes[1])
    await until_read(cluster, "n2", 1, 1)
    await until_read(cluster, "n2", 2, 2)


async def must_refuse(cluster: Cluster, node: str, *micros: Micro) -> None:
    """A transaction must be answered with a definite error."""
    try:
        answer = f"{await ask(cluster, node, *micros)}"
    except RPCError as error:
        if error.definite:
            return
        answer = f"error {error.code}, which is indefinite"
    raise Violation(
        f"{node} answered {list(micros)} with {answer}; right was a definite error",
        [cluster.history.last(client_of(node))],
    )


async def must_read(cluster: Cluster, node: str, key: int, value: Any, why: str) -> None:
    """A node must read a value."""
    [[_, _, seen]] = await ask(cluster, node, ["r", key, None])
    if (seen or None) != value:
        raise Violation(
            f"{node} read {seen} in {key}: {why}", [cluster.history.last(client_of(node))]
        )


def must_answer_all(run: Run) -> None:
    """All transactions must have been done."""
    failed = next((each for each in run.operations if each.result is None), None)
    if failed is not None:
        error = "was not answered" if failed.error is None else f"ended with error {failed.error}"
        asked = f"asked of {failed.node} at {failed.invoked / 1e6:.3f} s"
        raise Violation(f"{failed} of {failed.client}, {asked}, {error}", [failed])
