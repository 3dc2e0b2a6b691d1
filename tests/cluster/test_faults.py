"""Faults: crashes at any moment, restarts, pauses, and what the network does to messages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from autograder.cluster import Cluster
from autograder.cluster.files import DIE, GO, Leave, Touch, tear
from autograder.cluster.rules import cut, delay, duplicate, lose
from autograder.run import Runner
from labs.node import CallTimeout
from tests.helpers import runner, write_root

COUNTER = """
import asyncio, os, time
from dataclasses import dataclass
from labs.node import Message, Node, Request, handler

@dataclass(frozen=True)
class Count(Message):
    count: int

@dataclass(frozen=True)
class Add(Request[Count]):
    pass

class Counter(Node):
    count = 0

    @handler
    async def add(self, request: Add) -> Count:
        self.count += 1
        return Count(self.count)

class Asker(Node):
    def __init__(self, dest):
        self.dest = dest

    async def main(self):
        print((await self.call(self.dest, Add(), timeout=3)).count)

class Ticker(Node):
    async def main(self):
        for n in range(100):
            await asyncio.sleep(1)
            print(n)

class Sleeper(Node):
    async def main(self):
        for n in range(100):
            time.sleep(1)
            print(n)

class Writer(Node):
    async def main(self):
        with open("new", "w") as file:
            file.write("x" * 1000)
        os.replace("new", "done")
        print("renamed")
"""
ADD = {"type": "add"}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    root = write_root(tmp_path_factory.mktemp("root"), {"it/node.py": COUNTER})
    with runner(root) as made:
        yield made


def passes(session: Runner, test: object, seeds: int = 3) -> None:
    for seed in range(seeds):
        assert session.run_once(test, seed).seen == ""  # type: ignore[arg-type]


async def add(cluster: Cluster, node: str = "n1", timeout: float = 1.0) -> int:
    reply = await cluster.call(node, ADD, timeout)
    return int(reply["count"])


def test_a_crash_loses_what_was_in_memory(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        node = await cluster.start("it/node.py:Counter")
        assert [await add(cluster), await add(cluster)] == [1, 2]
        await cluster.crash(node)
        with pytest.raises(CallTimeout):
            await add(cluster)
        assert node.fate is not None
        assert node.fate.signal == 9
        await cluster.restart(node)
        assert await add(cluster) == 1

    passes(session, run)


@pytest.mark.parametrize("program", ["Ticker", "Sleeper"])
def test_a_crash_strikes_inside_a_sleep(session: Runner, program: str) -> None:
    async def run(cluster: Cluster) -> None:
        node = await cluster.start(f"it/node.py:{program}")
        await asyncio.sleep(5.5)
        await cluster.crash(node)
        assert node.printed() == ["0", "1", "2", "3", "4"]
        await asyncio.sleep(5)
        assert node.printed() == ["0", "1", "2", "3", "4"]

    passes(session, run)


def test_time_sleep_holds_up_only_its_own_node(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        sleeper = await cluster.start("it/node.py:Sleeper")
        ticker = await cluster.start("it/node.py:Ticker")
        counter = await cluster.start("it/node.py:Counter")
        await cluster.ended(sleeper, 101)
        assert await add(cluster, counter.id) == 1
        assert 99 <= len(ticker.printed()) <= 100
        assert [round(n.now / 1e6) for n in sleeper.log if n.kind == "out"] == list(range(1, 101))

    passes(session, run)


def test_a_pause_keeps_messages_waiting(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        node = await cluster.start("it/node.py:Counter")
        await cluster.pause(node)
        call = asyncio.ensure_future(add(cluster, timeout=20))
        await asyncio.sleep(10)
        assert not call.done()
        await cluster.resume(node)
        assert await call == 1

    passes(session, run)


def test_a_paused_node_does_not_run_its_timers(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        for program in ("Ticker", "Sleeper"):
            node = await cluster.start(f"it/node.py:{program}")
            await asyncio.sleep(2.5)
            await cluster.pause(node)
            await asyncio.sleep(10)
            assert node.printed() == ["0", "1"]
            await cluster.resume(node)
            await asyncio.sleep(1.5)
            assert node.printed()[:4] == ["0", "1", "2", "3"][: len(node.printed())]
            assert len(node.printed()) >= 3

    passes(session, run)


@pytest.mark.parametrize(
    ("event", "left"), [("open", set()), ("os.rename", {"new"})], ids=["write", "rename"]
)
def test_a_kill_strikes_before_a_file_operation(
    session: Runner, event: str, left: set[str]
) -> None:
    async def run(cluster: Cluster) -> None:
        cluster.shares_folder = True
        cluster.on_file(lambda touch: DIE if touch.event == event else GO)
        node = await cluster.start("it/node.py:Writer")
        await cluster.ended(node, 1)
        assert node.printed() == []
        assert {path.name for path in cluster.folder.iterdir()} == left

    passes(session, run)


def test_a_kill_strikes_in_the_middle_of_a_write(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        cluster.shares_folder = True

        def rule(touch: Touch) -> Leave:
            return tear(300) if touch == ("n1", "open", "new") else GO

        cluster.on_file(rule)
        node = await cluster.start("it/node.py:Writer")
        await cluster.ended(node, 1)
        assert (cluster.folder / "new").read_text() == "x" * 300
        assert not (cluster.folder / "done").exists()
        cluster.steps.file_rules.clear()
        await cluster.restart(node)
        await cluster.ended(node, 1)
        assert (cluster.folder / "done").read_text() == "x" * 1000

    passes(session, run)


def test_loss_cuts_and_partitions_lose_messages(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        await cluster.start("it/node.py:Counter")
        network, us = cluster.network, cluster.client.id
        rules = [lose(1), cut({us}, {"n1"})]
        for faulty in [
            *map(network.rule, rules),
            network.isolate("n1"),
            network.partition({us}, {"n1"}),
        ]:
            with faulty, pytest.raises(CallTimeout):
                await add(cluster)
        assert await add(cluster) == 1
        with network.cut({"n1"}, {us}), pytest.raises(CallTimeout):
            await add(cluster)
        assert await add(cluster) == 3
        network.partition({"n7"}, {"n1"})
        assert await add(cluster) == 4

    passes(session, run)


def test_duplicates_arrive_twice_and_delays_add_up(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        await cluster.start("it/node.py:Counter")
        with cluster.network.rule(duplicate(1.0), among={"n1"}):
            assert await add(cluster) == 1
            await asyncio.sleep(1)
        assert await add(cluster) == 3
        began = cluster.now
        with cluster.network.rule(delay(0.2, 0.2)), cluster.network.rule(delay(0.1, 0.1)):
            await add(cluster)
        assert 0.6 <= cluster.now - began < 0.602

    passes(session, run)


def test_the_unreliable_network_loses_a_tenth_each_way(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        await cluster.start("it/node.py:Counter")
        cluster.network.unreliable()
        answered = 0
        for _ in range(1000):
            try:
                await add(cluster, timeout=0.1)
                answered += 1
            except CallTimeout:
                pass
        assert 770 < answered < 850  # 0.9 * 0.9, and three standard deviations
        cluster.network.heal()
        assert 870 < await add(cluster) - 1 < 930

    passes(session, run)


def test_a_message_to_nobody_is_lost(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        with pytest.raises(CallTimeout, match="n9 did not answer 'add'"):
            await add(cluster, "n9")

    passes(session, run)


def test_a_reply_to_a_former_life_answers_no_call_of_this_one(session: Runner) -> None:
    async def run(cluster: Cluster) -> None:
        counter = await cluster.start("it/node.py:Counter")
        asker = await cluster.start("it/node.py:Asker", dest=counter.id)
        with cluster.network.rule(lambda m, random: (1.0,) if m.src == counter.id else (0.0,)):
            await asyncio.sleep(0.5)
            await cluster.restart(asker)
            await cluster.ended(asker, 5)
        assert asker.printed() == ["2"]

    passes(session, run)
