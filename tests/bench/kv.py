"""What a call of the key/value store costs: over gRPC and sockets, with each storage, on each host."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, cast

from grpc import aio

from autograder.catalog import GIVEN, REPOSITORY
from autograder.cluster import Cluster
from autograder.kv.client import Caller, open_channel
from autograder.kv.root import BACKENDS, Root
from autograder.kv.server import SilentHost
from autograder.kv.stress.process import Serving
from autograder.kv.stress.process import running as serving
from autograder.run import Runner, Settings
from autograder.verdict import Verdict
from labs.node import Disk, Node, RPCError
from labs.node.disk import FolderDisk
from labs.node.hosts.tcp import TcpHost
from labs.node.node import create
from tests.bench.arena import cores, pin
from tests.bench.echoes import LOOPBACK, running
from tests.bench.rows import Row, at_most, ratio

SOLUTIONS = REPOSITORY / "solutions"
VALUE = "a value of some length"
ECHOED = {"key": "key", "value": VALUE, "version": 1}
HOSTS = {"process": "virtual", "inline": "virtual", "thread": "wall", "command": "wall"}

Measure = Callable[[], Awaitable[float]]  # the seconds of a call


def measure(quick: bool) -> list[Row]:
    """Ratios to bare echoes in the same rounds, then operations a second."""
    rounds, calls = (5, 50) if quick else (41, 50)
    lab = Root(SOLUTIONS)
    return [
        asyncio.run(over_grpc(lab, rounds, calls)),
        asyncio.run(over_sockets(lab, rounds, calls)),
        *asyncio.run(storages(lab, rounds, calls)),
        *(on_host(host, clock, 20 * calls) for host, clock in HOSTS.items()),
    ]


async def in_turn(rounds: int, *measures: Measure) -> list[list[float]]:
    """See `rows.interleave`."""
    taken = [[await measure() for measure in measures] for _ in range(1 + rounds)][1:]
    return [list(values) for values in zip(*taken, strict=True)]


def beside(what: str, ours: list[float], bare: list[float], most: float) -> Row:
    """The ratio of the time of a call to that of a bare one."""
    note = f"{1e6 * median(ours):.0f} µs, {1e6 * median(bare):.0f} µs"
    return Row(what, ratio(ours, bare), "times", at_most(most), note)


async def seconds_of(calls: int, call: Callable[[], Awaitable[Any]]) -> float:
    """The seconds of one call, of so many one after the other."""
    began = time.perf_counter()
    for _ in range(calls):
        await call()
    return (time.perf_counter() - began) / calls


class Writer:
    """Puts and gets one key by a clerk, in turn, and nobody else does."""

    def __init__(self, clerk: Any) -> None:
        self._clerk = clerk
        self._key = "key"
        self._version = 0
        self._reads = True

    async def call(self) -> None:
        """The next operation."""
        self._reads = not self._reads
        if self._reads:
            await self._clerk.get(self._key)
        else:
            await self.put()

    async def put(self) -> None:
        """The next put."""
        try:
            await self._clerk.put(self._key, VALUE, self._version)
            self._version += 1
        except RPCError:  # a machine so busy that the clerk has asked twice
            self._version = (await self._clerk.get(self._key))[1]


# ---- beside bare echoes --------------------------------------------------------------------------


async def over_grpc(lab: Root, rounds: int, calls: int) -> Row:
    """The reference's clerk and server over gRPC, beside a bare call."""
    with running("grpc") as port:
        async with (
            aio.insecure_channel(f"{LOOPBACK}:{port}") as channel,
            remote(lab, "memory") as clerk,
        ):
            bare = cast(Any, channel).unary_unary("/echo/Echo")
            request = json.dumps(ECHOED).encode()
            ours, echoes = await in_turn(
                rounds,
                partial(seconds_of, calls, Writer(clerk).call),
                partial(seconds_of, calls, partial(bare, request)),
            )
    return beside("call over gRPC, over a bare grpc.aio echo", ours, echoes, 1.3)


@asynccontextmanager
async def remote(lab: Root, storage: str) -> AsyncIterator[Any]:
    """A clerk of a server over gRPC, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with (
            serving(Serving(SOLUTIONS, storage, Path(folder))) as server,
            open_channel(server.address) as channel,
        ):
            options = {"channel": channel, "methods": lab.methods}
            yield lab.clerk_class()(create(Caller, SilentHost("clerk"), options), "server")


@contextmanager
def one_processor() -> Iterator[None]:
    """Keep this process, and those it starts, on one: else chance makes some wake-ups twice as long."""
    before = cores()
    pin(before[:1])
    try:
        yield
    finally:
        pin(before)


async def over_sockets(lab: Root, rounds: int, calls: int) -> Row:
    """The reference's clerk and server on TCP hosts, beside streams that carry JSON."""
    with one_processor(), running("json") as bare, running("node") as port:
        reader, writer = await asyncio.open_connection(LOOPBACK, bare)

        async def echo() -> None:
            writer.write(json.dumps(ECHOED).encode() + b"\n")
            json.loads(await reader.readline())

        class Client(Node):
            """A node whose life is the measurement."""

            async def main(self) -> None:
                clerk = lab.clerk_class()(self, "server")
                found.extend(
                    await in_turn(
                        rounds,
                        partial(seconds_of, calls, Writer(clerk).call),
                        partial(seconds_of, calls, echo),
                    )
                )

        found: list[list[float]] = []
        await TcpHost("client", {"server": (LOOPBACK, port)}).run(Client, {})
        writer.close()
    ours, echoes = found
    return beside("call over sockets, over a bare asyncio JSON echo", ours, echoes, 2.0)


# ---- operations a second -------------------------------------------------------------------------


async def storages(lab: Root, rounds: int, calls: int) -> list[Row]:
    """Puts a second over gRPC with each storage, and what part of a put is the storage's own."""
    async with AsyncExitStack() as stack:
        measures: list[Measure] = []
        for name in BACKENDS:
            clerk = await stack.enter_async_context(remote(lab, name))
            direct = stack.enter_context(opened(lab, name))
            measures += [partial(seconds_of, calls, Writer(one).put) for one in (clerk, direct)]
        taken = [median(seconds) for seconds in await in_turn(rounds, *measures)]
    return [
        row
        for name, whole, own in zip(BACKENDS, taken[::2], taken[1::2], strict=True)
        for row in (
            Row(f"puts over gRPC, storage {name}", 1 / whole, "/s"),
            Row("  the storage's share of each", 100 * own / whole, "%", None, microseconds(own)),
        )
    ]


def microseconds(seconds: float) -> str:
    return f"{1e6 * seconds:.0f} µs"


class Direct:
    """A storage as a clerk: asked without a network in between."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage

    async def put(self, key: str, value: str, version: int) -> None:
        """Put at once; this blocks."""
        self._storage.put(key, value, version)


@contextmanager
def opened(lab: Root, storage: str) -> Iterator[Direct]:
    """A storage in this process."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        made = lab.backend(storage)(Disk(FolderDisk(Path(folder)).perform, folder))
        yield Direct(made)
        made.close()


def on_host(host: str, clock: str, calls: int) -> Row:
    """Operations a second of the reference's server, asked by the test's own client."""
    found: list[float] = []

    async def test(cluster: Cluster) -> None:
        server = await cluster.start("kv/server.py:KVServer")
        began = time.perf_counter()
        for version in range(calls // 2):
            put = {"type": "put", "key": "key", "value": VALUE, "version": version}
            await cluster.call(server, put)
            await cluster.call(server, {"type": "get", "key": "key"})
        found.append(time.perf_counter() - began)

    runner = Runner(Settings(SOLUTIONS, GIVEN, host, clock))
    try:
        outcome = runner.run_once(test, seed=1)
    finally:
        runner.close()
    if outcome.verdict is not Verdict.PASS:
        raise RuntimeError(f"the reference failed on the host {host}: {outcome.seen}")
    return Row(f"operations on the host {host}", calls / found[0], "/s", None, f"{clock} clock")
