"""One test body on every host: what a test sees must not depend on what runs its nodes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from autograder.cluster import Cluster
from autograder.cluster.errors import Unsupported
from autograder.run import CLOCKS
from autograder.verdict import Verdict
from labs.node import CallTimeout, KeyDoesNotExist, NotSupported
from tests.helpers import run_on, runner, write_root

RELAY = """
import asyncio
from dataclasses import dataclass
from labs.node import CallTimeout, KeyDoesNotExist, Message, Node, Request, handler

@dataclass(frozen=True)
class Value(Message):
    value: str

@dataclass(frozen=True)
class Read(Request[Value]):
    key: str

@dataclass(frozen=True)
class Ask(Request[Value]):
    node: str
    key: str

class Store(Node):
    @handler
    async def read(self, request: Read) -> Value:
        if request.key == "nothing":
            raise KeyDoesNotExist(f"no {request.key}")
        return Value(f"{self.id} has {request.key}")

    @handler
    async def ask(self, request: Ask) -> Value:
        for _ in range(50):
            try:
                return await self.call(request.node, Read(request.key), timeout=0.1)
            except CallTimeout:
                await asyncio.sleep(0.01)
        raise CallTimeout("fifty times")
"""
PROGRAM = "relay/node.py:Store"
EVERYWHERE = [(host, clock) for host, clocks in CLOCKS.items() for clock in clocks]
LOSSY = [(host, clock) for host, clock in EVERYWHERE if host in ("process", "inline")]


async def ask_around(cluster: Cluster) -> None:
    """The body: replies, errors, and calls from node to node, many at a time."""
    names = ("n1", "n2", "n3")
    nodes = [await cluster.start(PROGRAM, peers=names) for _ in names]
    asks = [
        cluster.call(node, {"type": "ask", "node": other, "key": f"k{n}"}, timeout=20)
        for node in nodes
        for n, other in enumerate(names)
    ]
    values = [reply["value"] for reply in await asyncio.gather(*asks)]
    assert values == [f"{other} has k{n}" for _ in names for n, other in enumerate(names)]
    for body, error in (
        ({"type": "ask", "node": "n2", "key": "nothing"}, KeyDoesNotExist),
        ({"type": "write"}, NotSupported),
    ):
        with pytest.raises(error):
            await retry(cluster, body)


async def retry(cluster: Cluster, body: dict[str, str]) -> object:
    while True:
        try:
            return await cluster.call("n1", body, timeout=1)
        except CallTimeout:
            continue


async def ask_around_with_faults(cluster: Cluster) -> None:
    with cluster.network.unreliable():
        await ask_around_lossy(cluster)


async def ask_around_lossy(cluster: Cluster) -> None:
    names = ("n1", "n2", "n3")
    nodes = [await cluster.start(PROGRAM, peers=names) for _ in names]
    for node in nodes:
        for other in names:
            reply = await retry_read(cluster, node.id, other)
            assert reply == f"{other} has k"
    with cluster.network.isolate("n3"), pytest.raises(CallTimeout):
        await cluster.call("n3", {"type": "read", "key": "k"}, timeout=0.3)


async def retry_read(cluster: Cluster, node: str, other: str) -> str:
    while True:
        try:
            body = {"type": "ask", "node": other, "key": "k"}
            reply = await cluster.call(node, body, timeout=2)
            return str(reply["value"])
        except CallTimeout:
            continue


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_root(tmp_path, {"relay/node.py": RELAY})


@pytest.mark.parametrize(("host", "clock"), EVERYWHERE)
def test_without_faults_on_every_host(root: Path, host: str, clock: str) -> None:
    outcome = run_on(root, ask_around, host=host, clock=clock)
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)


@pytest.mark.parametrize(("host", "clock"), LOSSY)
def test_with_network_faults_where_the_cluster_carries_messages(
    root: Path, host: str, clock: str
) -> None:
    outcome = run_on(root, ask_around_with_faults, host=host, clock=clock)
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)


def test_a_host_without_a_network_says_so(root: Path) -> None:
    with runner(root, "thread", "wall") as made, pytest.raises(Unsupported, match="lose none"):
        made.run_once(ask_around_with_faults, 1)


def test_a_clock_that_a_host_does_not_know_is_refused(root: Path) -> None:
    with runner(root, "thread", "virtual") as made:
        assert "by the wall clock alone" in str(made.settings.problem())
