"""Nodes over TCP: real sockets on the loopback."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import threading
import warnings
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from labs.node import Node, handler
from labs.node.hosts import tcp
from labs.node.hosts.tcp import Address, TcpHost, listen
from tests.hosts.nodes import Asker, News, Reader, Tell, Teller, Told

T = TypeVar("T")
LOOPBACK = ("127.0.0.1", 0)


class Probe(Teller):
    """A teller that the test can look at."""

    def __init__(self, made: list[Node]) -> None:
        super().__init__()
        made.append(self)


@asynccontextmanager
async def serving(cls: type[Node] = Teller, **options: Any) -> AsyncIterator[Address]:
    """A node `s` that listens."""
    listener = listen(LOOPBACK)
    address = listener.getsockname()
    task = asyncio.create_task(TcpHost("s").run(cls, options, listener))
    try:
        yield address
    finally:
        task.cancel()
        await asyncio.wait([task])


async def exchange(address: Address, data: bytes) -> bytes:
    """Send raw bytes, and read until the other side closes."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(data)
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.transport.abort()


def line(src: str, dest: str, **body: object) -> bytes:
    return json.dumps({"src": src, "dest": dest, "body": body}).encode() + b"\n"


async def ask(address: Address, times: int = 1) -> list[str]:
    """Ask the node `s` from a node of its own."""
    made: list[Asker] = []

    class Kept(Asker):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            made.append(self)

    await TcpHost("c", {"s": address}).run(Kept, {"dest": "s", "times": times})
    return made[0].answers


def run(body: Coroutine[Any, Any, T]) -> T:
    async def timed() -> T:
        async with asyncio.timeout(20):
            return await body

    return asyncio.run(timed())


def test_a_node_without_a_port_of_its_own_gets_its_replies() -> None:
    async def body() -> None:
        async with serving() as address:
            assert await ask(address, 3) == [f"s heard {n}" for n in range(3)]

    run(body())


def test_peers_are_the_names_of_the_address_book() -> None:
    book = {"b": ("h", 1), "a": ("h", 2), "c": ("h", 3)}
    assert TcpHost("a", book).peers == ("b", "c")


def test_a_listening_node_can_speak_first_to_who_has_spoken_to_it() -> None:
    class Publisher(Node):
        @handler
        async def tell(self, request: Tell) -> Told:
            for number in range(3):
                self.send(request.text, News(number))
            return Told("sent")

    class Subscriber(Reader):
        async def main(self) -> None:
            await self.call("s", Tell(self.id), timeout=5)
            await self.enough.wait()
            assert self.numbers == [0, 1, 2]

    async def body() -> None:
        async with serving(Publisher) as address:
            host = TcpHost("c", {"s": address})
            await host.run(Subscriber, {})

    run(body())


def test_calls_time_out_while_there_is_no_connection_and_work_again_after() -> None:
    made: list[Asker] = []
    answered, gone = asyncio.Event(), asyncio.Event()

    class Persistent(Asker):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            made.append(self)

        async def main(self) -> None:
            self.times = 1
            await super().main()
            answered.set()
            await gone.wait()
            self.times = 2
            await super().main()

    async def body() -> None:
        with listen(LOOPBACK) as listener:
            address = listener.getsockname()
            first = asyncio.create_task(TcpHost("s").run(Teller, {}, listener))
            options = {"dest": "s", "timeout": 0.02}
            client = asyncio.create_task(TcpHost("c", {"s": address}).run(Persistent, options))
            await answered.wait()
            first.cancel()
            await asyncio.wait([first])
        gone.set()
        await made[0].has_timed_out(3)
        assert not client.done()
        second = asyncio.create_task(TcpHost("s").run(Teller, {}, listen(address)))
        await client
        second.cancel()
        await asyncio.wait([second])
        assert made[0].answers == ["s heard 0", "s heard 1"]

    run(body())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"nonsense\n", "no message"),
        (b"\xff\xfe\n", "no message"),
        (b"[" * 100_000 + b"\n", "no message"),
        (b'{"src":"c","dest":"s"}\n', "no message"),
        (line("c", "s", type=1), "no message"),
        (line("c", "x", type="tell", msg_id=1, text="a"), "another node: it is for 'x'"),
    ],
)
def test_garbage_closes_its_connection_and_no_other(
    data: bytes, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def body() -> None:
        async with serving() as address:
            assert await exchange(address, data) == b""
            assert await ask(address) == ["s heard 0"]

    run(body())
    assert "closed the connection with 127.0.0.1:" in caplog.text
    assert sentence in caplog.text


def test_a_line_over_the_limit_closes_its_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tcp, "FRAME_LIMIT", 10_000)

    async def body() -> None:
        async with serving() as address:
            fits = line("c", "s", type="tell", msg_id=1, text="a" * 9_000)
            reader, writer = await asyncio.open_connection(*address)
            writer.write(fits)
            assert b"tell" not in await reader.readline()
            writer.close()
            await writer.wait_closed()
            assert await exchange(address, b"a" * 100_000) == b""
            assert await ask(address) == ["s heard 0"]

    run(body())
    assert "a line of over 10000 bytes" in caplog.text


def test_half_a_line_at_the_end_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    made: list[Any] = []

    async def body() -> None:
        async with serving(Probe, made=made) as address:
            _, writer = await asyncio.open_connection(*address)
            writer.write(line("c", "s", type="tell", msg_id=1, text="whole"))
            writer.write(line("c", "s", type="tell", msg_id=2, text="half")[:-5])
            writer.close()
            await writer.wait_closed()
            assert await ask(address) == ["s heard 0"]

    run(body())
    assert made[0].heard == ["whole", "0"]


def test_a_peer_that_does_not_read_costs_a_bound_of_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tcp, "UNSENT_LIMIT", 1_000_000)
    links: list[tcp.Link] = []
    made: list[Any] = []

    class Kept(tcp.Link):
        def __init__(self, *streams: Any) -> None:
            super().__init__(*streams)
            links.append(self)

    monkeypatch.setattr(tcp, "Link", Kept)

    async def body() -> int:
        async with serving(Probe, made=made) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(line("lazy", "s", type="tell", msg_id=1, text="a"))
            await reader.readline()
            for _ in range(100):
                made[0].send("lazy", Told("a" * 500_000))
            size = links[0]._writer.transport.get_write_buffer_size()
            writer.transport.abort()
            return size

    assert 1_000_000 <= run(body()) < 2_000_000


def test_a_node_that_computes_keeps_its_connection() -> None:
    sent = threading.Event()
    numbers: list[int] = []

    class Publisher(Node):
        @handler
        async def tell(self, request: Tell) -> Told:
            self.spawn(self.publish(request.text))
            return Told("soon")

        async def publish(self, dest: str) -> None:
            for number in range(3):
                self.send(dest, News(number))
                await asyncio.sleep(0.01)
            sent.set()

    class Computes(Reader):
        async def main(self) -> None:
            await self.call("s", Tell(self.id), timeout=5)
            assert sent.wait(10)  # blocks this node's loop, as a map function does
            await self.enough.wait()
            numbers.extend(self.numbers)

    def client(address: Address) -> None:
        asyncio.run(TcpHost("c", {"s": address}).run(Computes, {}))

    async def body() -> None:
        async with serving(Publisher) as address:
            await asyncio.to_thread(client, address)

    run(body())
    assert numbers == [0, 1, 2]


def test_everything_is_closed_in_the_end() -> None:
    async def body() -> None:
        async with serving() as address:
            await ask(address)
            stray = socket.create_connection(address)
            await ask(address)
        assert stray.recv(1) == b""
        stray.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        run(body())
        gc.collect()
    assert [str(each.message) for each in found] == []


def test_the_last_reply_gets_out_although_the_node_ends() -> None:
    class Last(Node):
        def __init__(self) -> None:
            self.asked = asyncio.Event()

        async def main(self) -> None:
            await self.asked.wait()

        @handler
        async def tell(self, request: Tell) -> Told:
            self.asked.set()
            return Told("a" * 5_000_000)

    async def body() -> None:
        async with serving(Last) as address:
            assert [len(answer) for answer in await ask(address)] == [5_000_000]

    run(body())


def test_a_place_that_is_taken_is_an_error() -> None:
    with listen(LOOPBACK) as taken, pytest.raises(OSError, match="in use"):
        listen(taken.getsockname())
