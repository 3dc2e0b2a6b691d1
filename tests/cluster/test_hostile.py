"""Nodes that behave badly: bounded, blamed in one sentence, and the next run works."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from autograder.cluster import Cluster
from autograder.run import Runner
from autograder.verdict import Verdict
from tests.helpers import runner, write_root

HONEST = """
from dataclasses import dataclass
from labs.node import Message, Node, Request, handler

@dataclass(frozen=True)
class EchoOk(Message):
    echo: str

@dataclass(frozen=True)
class Echo(Request[EchoOk]):
    echo: str

class Server(Node):
    @handler
    async def echo(self, request: Echo) -> EchoOk:
        return EchoOk(request.echo)
"""

MAIN = """
import asyncio, os, sys
from labs.node import Node

class Server(Node):
    async def main(self):
        {}
"""

BAD = {
    "spins": ("while True: pass", "computed for over 5 s"),
    "spins between awaits": (
        "while True:\n            await asyncio.sleep(0); sum(range(3000000))",
        "computed for over 5 s",
    ),
    "blocks": ("os.read(os.pipe()[0], 1)", "blocked for over 2 s"),
    "opens ten thousand files": (
        "files = [open('/dev/null') for _ in range(10000)]",
        "Too many open files",
    ),
    "takes all memory": ("data = [bytearray(1 << 27) for _ in range(100)]", "MemoryError"),
    "writes a file that is not its own": ("open('big', 'wb')", "'big'"),
    "exits behind our back": ("os._exit(3)", "ended with code 3"),
    "kills itself": ("import signal; signal.raise_signal(9)", "killed by SIGKILL"),
    "crashes": ("import ctypes; ctypes.string_at(0)", "killed by SIGSEGV"),
    "sends a frame without end": (
        "os.write(self._wiring.host.channel.socket.fileno(), b'\\xff' * 8)",
        "over the limit",
    ),
    "computes and sends a frame without end": (
        "sum(range(50_000_000)); os.write(self._wiring.host.channel.socket.fileno(), b'\\xff' * 8)",
        "over the limit",
    ),
    "has no memory for what it is handed": (
        (
            "def receive(): raise MemoryError\n"
            "        self._wiring.host.channel.receive = receive; await asyncio.sleep(1)"
        ),
        "MemoryError",
    ),
    "sends garbage": (
        "self._wiring.host.channel.send(b'[1,2,{'); await asyncio.sleep(1)",
        "broke the control protocol",
    ),
    "nests JSON deeply": (
        "self._wiring.host.transmit(b'[' * 100000); await asyncio.sleep(1)",
        "broke the control protocol",
    ),
    "sends what is no message": (
        "self._wiring.host.transmit(b'{\"src\": 7}'); await asyncio.sleep(1)",
        "sent what is no message",
    ),
    "forges a sender": (
        (
            'self._wiring.host.transmit(b\'{"src":"n9","dest":"n1","body":{"type":"x"}}\'); '
            "await asyncio.sleep(1)"
        ),
        "in the name of 'n9'",
    ),
    "moves its clock": (
        "self._wiring.host.loop.now += 10**9; await asyncio.sleep(1)",
        "moved its own clock",
    ),
    "polls without a pause": (
        "while True: await asyncio.sleep(0)",
        "a loop that awaits nothing that takes time",
    ),
    "polls the clock for ever": (
        "import time\n        while True: time.time()",
        "not within 100 s",
    ),
    "floods the network": (
        (
            'line = b\'{"src":"n1","dest":"n2","body":{"type":"\' + b\'x\' * 1000000 + b\'"}}\'\n'
            "        while True: self._wiring.host.transmit(line)"
        ),
        "sends over 96 MiB without a pause",
    ),
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    root = write_root(tmp_path_factory.mktemp("root"), {"honest/server.py": HONEST})
    with runner(root) as made:
        yield made


def write_bad(session: Runner, text: str) -> None:
    write_root(session.settings.root, {"bad/server.py": text})


async def start_bad(cluster: Cluster) -> None:
    member = await cluster.start("bad/server.py:Server")
    await cluster.ended(member, 100)


async def echo(cluster: Cluster) -> None:
    server = await cluster.start("honest/server.py:Server")
    reply = await cluster.call(server, {"type": "echo", "echo": "hello"})
    assert reply["echo"] == "hello"


@pytest.mark.parametrize("name", BAD)
def test_a_bad_node_is_blamed_in_one_sentence(session: Runner, name: str) -> None:
    line, sentence = BAD[name]
    write_bad(session, MAIN.format(line))
    outcome = session.run_once(start_bad, 1)
    first = outcome.seen.splitlines()[0]
    assert outcome.verdict is Verdict.FAIL
    assert "n1" in first
    assert sentence in first
    assert session.run_once(echo, 1).verdict is Verdict.PASS


def test_a_file_without_end_is_cut(session: Runner) -> None:
    writing = "file = open('big', 'wb')\n        for _ in range(999): file.write(bytes(1 << 20))"
    write_bad(session, MAIN.format(writing))

    async def run(cluster: Cluster) -> None:
        cluster.shares_folder = True
        await start_bad(cluster)

    outcome = session.run_once(run, 1)
    assert outcome.verdict is Verdict.FAIL
    assert "n1: wrote a file of over 256 MiB" in outcome.seen
    assert session.run_once(echo, 1).verdict is Verdict.PASS


def test_a_gigabyte_of_output_is_cut(session: Runner) -> None:
    write_bad(session, MAIN.format("for _ in range(1024): print('x' * (1 << 20))"))

    async def run(cluster: Cluster) -> None:
        member = await cluster.start("bad/server.py:Server")
        await cluster.ended(member, 10)
        assert sum(map(len, member.printed())) <= 1 << 20
        assert "the rest is dropped" in member.printed("advice")[0]

    assert session.run_once(run, 1).seen == ""


def test_raw_output_is_kept_and_cut(session: Runner) -> None:
    write_bad(
        session, MAIN.format("os.write(2, b'raw'); [os.write(1, b'y' * 4096) for _ in range(99)]")
    )
    outcome = session.run_once(start_bad, 1)
    assert "BlockingIOError" in outcome.seen
    assert "raw" in outcome.seen


def test_nothing_is_left_behind(session: Runner) -> None:
    us = psutil.Process(os.getpid())
    session.run_once(echo, 1)
    before = us.num_fds(), len(us.children(recursive=True))
    for line in (
        "while True: pass",
        "os.fork()",
        "import subprocess; subprocess.run(['sleep', '9'])",
    ):
        write_bad(session, MAIN.format(line))
        session.run_once(start_bad, 1)
    for seed in range(5):
        session.run_once(echo, seed)
    assert (us.num_fds(), len(us.children(recursive=True))) == before
    assert not list(Path(session.settings.root).glob("**/*.pyc"))
