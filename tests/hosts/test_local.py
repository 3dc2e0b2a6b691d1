"""Nodes as tasks of one event loop."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from labs.node import CallTimeout, Mistake, Node, handler
from labs.node.hosts.local import BUSY, LocalNetwork, PatientLoop
from tests.hosts.nodes import Tell, Teller, Told

T = TypeVar("T")


def run(body: Coroutine[Any, Any, T], patient: bool = False) -> T:
    factory = PatientLoop if patient else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(body)


class OneCall(Node):
    """Asks once, with a timeout, and keeps what it got."""

    def __init__(self, dest: str, timeout: float, got: list[str]) -> None:
        self.dest, self.timeout, self.got = dest, timeout, got

    async def main(self) -> None:
        try:
            self.got.append((await self.call(self.dest, Tell("x"), self.timeout)).text)
        except CallTimeout:
            self.got.append("timeout")


def test_nodes_call_each_other(tmp_path: Path) -> None:
    async def body() -> None:
        network = LocalNetwork(tmp_path)
        server = asyncio.create_task(network.run(Teller, "n1"))
        got: list[str] = []
        await network.run(OneCall, "n2", {"dest": "n1", "timeout": 5, "got": got}, peers=["n1"])
        assert got == ["n1 heard x"]
        server.cancel()

    run(body())


def test_a_message_to_nobody_is_lost(tmp_path: Path) -> None:
    async def body() -> None:
        got: list[str] = []
        options = {"dest": "nobody", "timeout": 0.01, "got": got}
        await LocalNetwork(tmp_path).run(OneCall, "n1", options)
        assert got == ["timeout"]

    run(body())


def test_a_name_is_taken_until_its_node_has_ended(tmp_path: Path) -> None:
    async def body() -> None:
        network = LocalNetwork(tmp_path)
        first = asyncio.create_task(network.run(Teller, "n1"))
        await asyncio.sleep(0)
        with pytest.raises(ValueError, match="n1 runs already"):
            await network.run(Teller, "n1")
        first.cancel()
        await asyncio.wait([first])
        again = asyncio.create_task(network.run(Teller, "n1"))
        got: list[str] = []
        await network.run(OneCall, "n2", {"dest": "n1", "timeout": 5, "got": got})
        assert got == ["n1 heard x"]
        again.cancel()

    run(body())


def test_a_wrong_class_is_a_mistake_at_the_start(tmp_path: Path) -> None:
    class Wrong(Node):
        @handler
        async def tell(self, request) -> Told:  # type: ignore[no-untyped-def]
            return Told("")

    with pytest.raises(Mistake, match="tell"):
        run(LocalNetwork(tmp_path).run(Wrong, "n1"))


def test_the_disk_outlives_the_node(tmp_path: Path) -> None:
    seen: list[bytes] = []

    class Writer(Node):
        async def main(self) -> None:
            with self.disk.open("log", "ab") as file:
                file.write(b"entry;")
                file.fsync()
            seen.append(self.disk.open("log").read())

    async def body() -> None:
        network = LocalNetwork(tmp_path)
        await network.run(Writer, "n1")
        await network.run(Writer, "n1")
        await network.run(Writer, "n2")

    run(body())
    assert seen == [b"entry;", b"entry;entry;", b"entry;"]


def test_what_a_node_left_running_ends_with_it(tmp_path: Path) -> None:
    ended: list[str] = []

    class Careless(Node):
        async def main(self) -> None:
            self.spawn(self.linger())
            await asyncio.sleep(0)

        async def linger(self) -> None:
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                ended.append("linger")

    run(LocalNetwork(tmp_path).run(Careless, "n1"))
    assert ended == ["linger"]


def test_a_handler_that_is_ready_as_main_returns_still_answers(tmp_path: Path) -> None:
    class Server(Node):
        def __init__(self) -> None:
            self.done = asyncio.Event()
            self.waiting = 0

        async def main(self) -> None:
            await self.done.wait()

        @handler
        async def tell(self, request: Tell) -> Told:
            self.waiting += 1
            if self.waiting == 2:
                self.done.set()
            await self.done.wait()
            await asyncio.sleep(0)
            return Told("over")

    async def body() -> list[str]:
        network = LocalNetwork(tmp_path)
        got: list[str] = []
        options = {"dest": "s", "timeout": 5, "got": got}
        lives = [network.run(OneCall, name, options) for name in ("a", "b")]
        await asyncio.gather(network.run(Server, "s"), *lives)
        return got

    assert run(body()) == ["over", "over"]


def test_the_clock_stands_still_while_a_node_computes(tmp_path: Path) -> None:
    class Busy(Node):
        """Computes for longer than the others wait."""

        async def main(self) -> None:
            await asyncio.sleep(0)
            self.compute()

        def compute(self) -> None:
            time.sleep(6 * BUSY)

    async def body() -> tuple[list[str], float]:
        network = LocalNetwork(tmp_path)
        server = asyncio.create_task(network.run(Teller, "n1"))
        loop = asyncio.get_running_loop()
        began, got = loop.time(), list[str]()
        caller = network.run(OneCall, "n2", {"dest": "n1", "timeout": 3 * BUSY, "got": got})
        await asyncio.gather(caller, network.run(Busy, "n3"))
        server.cancel()
        return got, loop.time() - began

    got, seconds = run(body(), patient=True)
    assert got == ["n1 heard x"]
    assert seconds < 3 * BUSY


def test_a_patient_clock_goes_on_while_nobody_computes() -> None:
    async def body() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        began, real = loop.time(), time.monotonic()
        for _ in range(4):
            await asyncio.sleep(0.02)
        return loop.time() - began, time.monotonic() - real

    seconds, real = run(body(), patient=True)
    assert 0.08 <= seconds <= real


def test_what_a_program_does_wrong_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Fails(Node):
        @handler
        async def tell(self, request: Tell) -> Told:
            raise KeyError("k")

    async def body() -> None:
        network = LocalNetwork(tmp_path)
        server = asyncio.create_task(network.run(Fails, "n1"))

        class Calls(Node):
            async def main(self) -> None:
                with pytest.raises(Exception, match="KeyError in n1"):
                    await self.call("n1", Tell("x"))

        await network.run(Calls, "n2")
        server.cancel()

    run(body())
    assert re.search(r"n1: tests/hosts/test_local.py:\d+.*KeyError: 'k'", caplog.text)
