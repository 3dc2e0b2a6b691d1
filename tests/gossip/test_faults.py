"""Faults: each kind strikes, does what it says and no more, and is gone at the end, however that comes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from autograder.cluster import Cluster
from autograder.cluster.member import Member
from autograder.cluster.trace import Message
from autograder.gossip.cuts import CUTS, Links, cut, ring
from autograder.gossip.faults import FAULTS, Stage, promised, too_few, trouble
from autograder.gossip.services import SERVICES, Services
from autograder.run import Test
from autograder.verdict import Verdict
from tests.helpers import run_on, write_root

PROGRAM = """
from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class CountOk(Message):
    lives: int
    asked: int


@dataclass(frozen=True)
class Count(Request[CountOk]):
    pass


@dataclass(frozen=True)
class Tick(Message):
    pass


class Counting(Node):
    \"\"\"Tells its peers and a service that it lives, ten times a second; counts lives on its disk.\"\"\"

    def __init__(self) -> None:
        self.asked = 0
        with self.disk.open("lives", "ab") as file:
            file.write(b".")

    @handler
    async def count(self, request: Count) -> CountOk:
        self.asked += 1
        with self.disk.open("lives") as file:
            return CountOk(len(file.read()), self.asked)

    @handler
    async def tick(self, message: Tick) -> None:
        pass

    async def main(self) -> None:
        import asyncio
        while True:
            for peer in (*self.peers, "lin-kv"):
                if peer != self.id:
                    self.send(peer, Tick())
            await asyncio.sleep(0.1)
"""
NAMES = ("n1", "n2", "n3", "n4", "n5")
INTERVAL = 1.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a program for nodes."""
    return write_root(tmp_path, {"gossip/counting.py": PROGRAM})


def passes(root: Path, test: Test, seed: int = 1) -> None:
    """Run a test of a cluster, which must pass."""
    outcome = run_on(root, test, seed, host="inline")
    assert outcome.verdict is Verdict.PASS, outcome.seen


async def stage_for(cluster: Cluster, number: int = 5) -> Stage:
    """Nodes on a stage."""
    services = Services(cluster)
    names = NAMES[:number]
    nodes = [await cluster.start("gossip/counting.py:Counting", name, names) for name in names]
    return Stage(cluster, nodes, services, {})


def kinds(cluster: Cluster) -> Counter[str]:
    """What happened, by kind."""
    return Counter(event.kind for event in cluster.trace.events)


def whole(cluster: Cluster, stage: Stage) -> None:
    """Nothing of any fault is left."""
    assert not cluster.network._installed
    assert not stage.busy
    for node in stage.nodes:
        assert node.running
        assert not node.paused
        assert node.slowness == 0


async def answers(cluster: Cluster, node: Member) -> dict[str, Any]:
    """Ask a node."""
    found: dict[str, Any] = await cluster.call(node, {"type": "count"}, 1.0)
    return found


# What each kind leaves in the trace.
SIGNS = {"kill": "crash", "pause": "pause", "slow": "slow", "duplicate": "cut"}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("seed", [1, 2])
def test_each_kind(root: Path, name: str, seed: int) -> None:
    """A kind strikes as often as promised, shows, leaves nothing, and all nodes answer afterwards."""

    async def test(cluster: Cluster) -> None:
        stage = await stage_for(cluster)
        async with trouble(stage, [FAULTS[name]], INTERVAL):
            await asyncio.sleep(10)
        whole(cluster, stage)
        assert stage.begun[name] >= promised(10, INTERVAL) == 4
        assert not too_few(stage.begun, 10, INTERVAL)
        assert kinds(cluster)[SIGNS.get(name, "drop")] >= stage.begun[name]
        for node in stage.nodes:
            await answers(cluster, node)

    passes(root, test, seed)


@pytest.mark.parametrize("seed", range(4))
def test_all_kinds_at_once(root: Path, seed: int) -> None:
    """Kinds that overlap strike each as often as promised, and undo nothing of each other's."""

    async def test(cluster: Cluster) -> None:
        stage = await stage_for(cluster)
        async with trouble(stage, list(FAULTS.values()), INTERVAL):
            await asyncio.sleep(20)
        whole(cluster, stage)
        assert all(stage.begun.values())
        for node in stage.nodes:
            events = [e.kind for e in cluster.trace.events if e.node == node.id]
            turns = [kind for kind in events if kind in ("crash", "start", "pause", "resume")]
            after = {"crash": "start", "pause": "resume"}
            assert all(after.get(a, b) == b for a, b in pairwise(turns))
            await answers(cluster, node)

    passes(root, test, seed)


async def fail_under(stage: Stage, name: str) -> None:
    """Fail while a fault is there."""
    async with trouble(stage, [FAULTS[name]], 1000.0):
        await asyncio.sleep(1)
        assert stage.begun[name] == 1
        raise ZeroDivisionError


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_left_after_a_failure(root: Path, name: str) -> None:
    """Also if the test fails, or is cancelled, while the fault is there, nothing of it is left."""

    async def test(cluster: Cluster) -> None:
        stage = await stage_for(cluster)
        with pytest.raises(ZeroDivisionError):
            await fail_under(stage, name)
        whole(cluster, stage)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1), trouble(stage, [FAULTS[name]], 1000.0):
                await asyncio.sleep(100)
        whole(cluster, stage)
        assert stage.begun[name] == 2

    passes(root, test)


def test_problems_of_faults_are_told(root: Path) -> None:
    """What goes wrong in a fault is raised at the end, and the other faults are undone."""

    async def test(cluster: Cluster) -> None:
        stage = await stage_for(cluster)

        def broken(stage: Stage, random: Random) -> None:
            raise ZeroDivisionError

        faults = [type(FAULTS["kill"])("broken", broken), FAULTS["kill"]]
        with pytest.raises(ZeroDivisionError):
            async with trouble(stage, faults, 1000.0):
                await asyncio.sleep(1)
        whole(cluster, stage)

    passes(root, test)


def test_kill_keeps_the_disk(root: Path) -> None:
    """A node that was killed has its disk, and nothing else; nobody tells it anything."""

    async def test(cluster: Cluster) -> None:
        stage = await stage_for(cluster)
        for node in stage.nodes:
            assert (await answers(cluster, node))["asked"] == 1
        async with trouble(stage, [FAULTS["kill"]], INTERVAL):
            await asyncio.sleep(10)
        lives = 0
        for node in stage.nodes:
            said = await answers(cluster, node)
            assert said["lives"] == node.starts
            assert said["asked"] == (2 if node.starts == 1 else 1)
            lives += node.starts
        assert lives > len(stage.nodes)

    passes(root, test)


def test_clients_are_spared(root: Path) -> None:
    """What clients send arrives, whatever is done to links."""
    names = [name for name in FAULTS if name not in ("kill", "pause", "slow")]

    async def test(cluster: Cluster) -> None:
        stage = await stage_for(cluster)
        async with trouble(stage, [FAULTS[name] for name in names], INTERVAL):
            for n in range(100):
                await asyncio.sleep(0.1)
                await cluster.call(stage.nodes[n % 5], {"type": "count"}, 0.01)

    passes(root, test)


def test_services_are_cut(root: Path) -> None:
    """The fault of that name, and no other cut, loses what nodes and services say to each other."""

    async def test(cluster: Cluster) -> None:
        stage = await stage_for(cluster)
        for name in ("services", *CUTS):
            before = len(cluster.trace.events)
            async with trouble(stage, [FAULTS[name]], INTERVAL):
                await asyncio.sleep(10)
            lost = [
                event.message
                for event in cluster.trace.events[before:]
                if event.kind == "drop" and event.message is not None
            ]
            assert lost
            for message in lost:
                assert (message.dest in SERVICES) == (name == "services")

    passes(root, test)


def test_too_few_strikes() -> None:
    """A kind that struck less than promised is named."""
    assert not too_few({}, 60, 10)
    assert not too_few({"kill": 3}, 60, 10)
    assert too_few({"kill": 3, "pause": 2}, 60, 10) == (
        "too few faults struck: 'pause' 2 times, and not 3 times"
    )


# ---- which links are cut -------------------------------------------------------------------------


def hears(links: Links, names: tuple[str, ...], node: str) -> set[str]:
    """Whom a node hears, itself among them."""
    return {name for name in names if (name, node) not in links}


@pytest.mark.parametrize("number", [2, 3, 4, 5, 25])
@pytest.mark.parametrize("name", CUTS)
def test_shapes(name: str, number: int) -> None:
    """Every shape cuts something, but for the ring of two, and leaves each node itself."""
    names = tuple(f"n{n + 1}" for n in range(number))
    for seed in range(50):
        random = Random(seed)
        links = CUTS[name](random.sample(names, number), random)
        assert bool(links) == ((name, number) != ("partition-majorities-ring", 2))
        assert all(src != dest and {src, dest} <= set(names) for src, dest in links)
        assert (name == "one-way") <= all((dest, src) not in links for src, dest in links)


def sides(name: str, number: int, seed: int = 1) -> list[int]:
    """The sizes of the two groups that a shape makes."""
    names = tuple(f"n{n + 1}" for n in range(number))
    random = Random(seed)
    links = CUTS[name](random.sample(names, number), random)
    return sorted({len(hears(links, names, node)) for node in names})


def test_sizes() -> None:
    """Groups are as large as their names say."""
    assert sides("partition-one", 5) == [1, 4]
    assert sides("partition-minority-third", 9) == [3, 6]
    assert sides("partition-majority", 5) == [2, 3]
    assert sides("partition-majority", 4) == [1, 3]


@pytest.mark.parametrize("number", [3, 4, 5, 9])
def test_ring_of_majorities(number: int) -> None:
    """In a ring every node hears a bare majority, and no two the same."""
    names = tuple(f"n{n + 1}" for n in range(number))
    heard = [hears(ring(list(names), Random(1)), names, node) for node in names]
    assert {len(each) for each in heard} == {number // 2 + 1}
    assert len(set(map(frozenset, heard))) == number
    assert all(node in each for node, each in zip(names, heard, strict=True))


def test_words_of_a_cut() -> None:
    """A cut says who cannot reach whom."""
    rule: Callable[[Message, Random], Any] = cut(
        frozenset({("n1", "n3"), ("n2", "n3"), ("n1", "n4"), ("n2", "n4"), ("n4", "n1")})
    )
    assert rule.what == (  # type: ignore[attr-defined]
        "n4 cannot reach n1; n1, n2 cannot reach n3, n4"
    )
