"""The golden trace: one run with every kind of fault, the same to the byte wherever it runs.

If a change of the node library or of the cluster moves it on purpose, write the digest that the failing
test prints into tests/golden/digest.txt, and say in the commit why it moved.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from autograder.cluster import Cluster
from autograder.cluster.member import Member
from autograder.cluster.rules import duplicate
from autograder.verdict import Verdict
from labs.node import Unavailable
from tests.helpers import run_on

GOLDEN = Path(__file__).parent / "golden"
PEERS = ("n1", "n2", "n3", "n4", "n5")


async def rumours(cluster: Cluster) -> None:
    nodes = [await cluster.start("rumour/node.py:Gossip", peers=PEERS, period=0.1) for _ in PEERS]
    with cluster.network.unreliable(), cluster.network.rule(duplicate(0.2)):
        await asyncio.sleep(1)
        await cluster.crash(nodes[0])
        with cluster.network.partition(PEERS[:2], PEERS[2:]):
            await cluster.pause(nodes[1])
            await asyncio.sleep(0.5)
            await cluster.restart(nodes[0])
            await cluster.resume(nodes[1])
        with cluster.network.long_reordering():
            await asyncio.sleep(1)
        await cluster.lose_power(nodes[2])
        await cluster.restart(nodes[2])
        await question(cluster, nodes[3])
    assert 7 in await ask(cluster, nodes[2])


async def question(cluster: Cluster, node: Member) -> None:
    """Several clients ask a node at once, while it is slow, and their calendars jump."""
    cluster.slow(node, 0.05)
    clients = await cluster.clients(5, "rumour/client.py:Asker", dest=node.id)
    cluster.jump_calendar(clients[1].member, 3600)
    await asyncio.gather(*(client.invoke("ask", n) for n, client in enumerate(clients)))
    cluster.slow(node, 0)


async def ask(cluster: Cluster, node: Member) -> list[int]:
    while True:
        try:
            reply = await cluster.call(node, {"type": "tell", "rumour": 7, "share": 0.5})
        except Unavailable:
            continue
        heard: list[int] = reply["rumours"]
        return heard


def digest(seed: int, host: str = "process") -> str:
    outcome = run_on(GOLDEN / "root", rumours, seed, host=host)
    assert (outcome.verdict, outcome.seen) == (Verdict.PASS, "")
    assert outcome.events > 500
    operations = [repr(operation).encode() for operation in outcome.history]
    assert len(operations) == 5
    return sha256(b"\n".join([outcome.digest.encode(), *operations])).hexdigest()


def test_the_trace_is_the_golden_one() -> None:
    assert digest(1) == (GOLDEN / "digest.txt").read_text().strip()


def test_another_seed_gives_another_trace() -> None:
    assert digest(2) != digest(1)


def test_the_inline_host_repeats_itself_too() -> None:
    assert digest(1, "inline") == digest(1, "inline")


def test_load_does_not_move_it() -> None:
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        assert {digest(3) for _ in range(3)} == {digest(3)}
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
