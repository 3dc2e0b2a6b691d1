"""The thread host of the cluster."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autograder.cluster import Cluster
from autograder.cluster.errors import Unsupported
from autograder.cluster.member import Fate
from autograder.verdict import Verdict
from labs.node import CallTimeout
from tests.helpers import run_on, runner, write_root

RELAY = """
import asyncio
import os
from dataclasses import dataclass
from labs.node import Message, Node, Request, handler

@dataclass(frozen=True)
class Value(Message):
    value: str

@dataclass(frozen=True)
class Ask(Request[Value]):
    node: str

class Relay(Node):
    def __init__(self) -> None:
        print(self.id, "starts in", os.path.basename(os.getcwd()))
        self.asked = 0

    @handler
    async def ask(self, request: Ask) -> Value:
        self.asked += 1
        if request.node != self.id:
            return await self.call(request.node, Ask(request.node))
        return Value(f"{self.id} {self.asked}")

class Once(Node):
    async def main(self) -> None:
        with self.disk.open("starts", "ab") as file:
            file.write(b"x")
        print(len(self.disk.open("starts").read()), end="")

class Exits(Node):
    async def main(self) -> None:
        raise SystemExit(3)

class Fails(Node):
    async def main(self) -> None:
        raise KeyError("k")
"""
RELAY_CLASS = "relay/node.py:Relay"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_root(tmp_path, {"relay/node.py": RELAY})


def passes(root: Path, test: object) -> None:
    outcome = run_on(root, test, host="thread", clock="wall")  # type: ignore[arg-type]
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)


def test_nodes_talk_to_each_other_past_the_cluster(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        for _ in range(2):
            await cluster.start(RELAY_CLASS, peers=("n1", "n2"))
        reply = await cluster.call("n1", {"type": "ask", "node": "n2"})
        assert reply["value"] == "n2 1"
        sent = [
            (e.node, e.message.dest) for e in cluster.trace.events if e.kind == "send" and e.message
        ]
        assert sent == [("test", "n1"), ("n1", "test")]

    passes(root, body)


def test_what_each_node_prints_is_kept_apart(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        nodes = [await cluster.start(RELAY_CLASS) for _ in range(3)]
        for node in nodes:
            await cluster.call(node, {"type": "ask", "node": node.id})
        place = cluster.folder.name
        assert [n.printed() for n in nodes] == [[f"n{k} starts in {place}"] for k in (1, 2, 3)]

    passes(root, body)


def test_a_crash_forgets_and_a_restart_is_reached_again(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        first = await cluster.start(RELAY_CLASS)
        second = await cluster.start(RELAY_CLASS)
        ask = {"type": "ask", "node": "n2"}
        assert (await cluster.call(first, ask))["value"] == "n2 1"
        assert (await cluster.call(first, ask))["value"] == "n2 2"
        await cluster.crash(second)
        with pytest.raises(CallTimeout):
            await cluster.call(second, ask, timeout=0.05)
        await cluster.restart(second)
        while True:
            try:
                value = (await cluster.call(first, ask, timeout=1.2))["value"]
                break
            except CallTimeout:
                continue
        assert value in ("n2 1", "n2 2")

    passes(root, body)


def test_a_paused_node_answers_when_it_goes_on(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start(RELAY_CLASS)
        ask = {"type": "ask", "node": "n1"}
        assert (await cluster.call(node, ask))["value"] == "n1 1"
        await cluster.pause(node)
        with pytest.raises(CallTimeout):
            await cluster.call(node, ask, timeout=0.05)
        await cluster.resume(node)
        assert (await cluster.call(node, ask))["value"] == "n1 3"

    passes(root, body)


def test_a_node_ends_with_its_exit_code_and_leaves_its_disk(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start("relay/node.py:Once")
        await cluster.ended(node, 5)
        assert (node.fate, node.printed()) == (Fate(0, None), ["1"])
        await cluster.restart(node)
        await cluster.ended(node, 5)
        assert node.printed() == ["1", "2"]
        other = await cluster.start("relay/node.py:Exits")
        await cluster.ended(other, 5)
        assert other.fate == Fate(3, None)

    passes(root, body)


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("relay/node.py:Nobody", "no Nobody"),
        ("relay/none.py:Relay", "relay/none.py"),
        ("relay/node.py:Fails", "KeyError: 'k'"),
    ],
)
def test_a_program_that_fails_is_the_nodes_fault(root: Path, program: str, sentence: str) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start(program)
        await cluster.ended(node, 5)
        await cluster.until(lambda: False, 5)

    outcome = run_on(root, body, host="thread", clock="wall")
    assert outcome.verdict is Verdict.FAIL
    assert sentence in outcome.seen


def test_a_torn_write_is_refused(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start(RELAY_CLASS)
        assert node.body is not None
        node.body.limit_file_size(1)

    with runner(root, "thread", "wall") as made, pytest.raises(Unsupported, match="--host process"):
        made.run_once(body, 1)


def test_the_folder_the_streams_and_the_modules_are_given_back(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        await cluster.start(RELAY_CLASS)
        await cluster.call("n1", {"type": "ask", "node": "n1"})
        assert "relay.node" in sys.modules
        assert sys.stdout is not streams[0]

    folder, streams = os.getcwd(), (sys.stdout, sys.stderr)
    passes(root, body)
    assert (os.getcwd(), (sys.stdout, sys.stderr)) == (folder, streams)
    assert "relay.node" not in sys.modules
