"""One stress run: clients against a server that is killed in the end, and what is left of their writes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

from autograder.checkers import Operation, VersionedStore, check
from autograder.kv.loss import Losses
from autograder.kv.root import Root
from autograder.kv.stress.client import StressClient, Tally
from autograder.kv.stress.config import Config
from autograder.kv.stress.crowd import Crowd
from autograder.kv.stress.process import ServerFailed, Serving, running
from autograder.kv.stress.record import Entry
from autograder.kv.stress.result import Latency, Persistence, Result
from labs.node import RPCError

MOST = 1_000_000  # operations, after which a run ends early
GLANCE = 0.25  # seconds between two looks at a run
READING = 60.0  # seconds in which all keys have to be read after the restart
PLAIN = "kv/server.py"  # the name of a server without a storage

Tallies = dict[str, Tally]
Watch = Callable[[float, Tallies], None]  # told the seconds since the start, and all tallies


class Order(NamedTuple):
    """A run to make. `storage` is named as for `autograder kv serve`."""

    config: Config
    root: Path
    storage: str | None
    seed: int


class Driven(NamedTuple):
    """What clients did until the server was killed."""

    seconds: float
    tallies: Tallies
    operations: list[Operation]
    lost_by_server: Losses
    lost_by_clients: Losses
    sent_again: int


async def stress(order: Order, lab: Root, watch: Watch) -> Result:
    """Make a run, and judge it. Raises `ServerFailed`, and what a clerk raises that is no `RPCError`."""
    with tempfile.TemporaryDirectory(prefix="kv-") as folder:
        serving = Serving(order.root, order.storage, Path(folder))
        async with Crowd(lab, order.seed) as crowd:
            driven = await drive(order, serving, crowd, watch)
            try:
                found = await read_again(serving, crowd, driven.operations)
                problem = ""
            except (ServerFailed, RPCError, TimeoutError) as error:
                found, problem = {}, str(error) or "not every key could be read"
            history = [*crowd.history]
    promised = order.storage not in (None, "memory")
    kept = persistence(driven.operations, found, promised, problem)
    return judge(order, driven, kept, history if promised else driven.operations)


async def drive(order: Order, serving: Serving, crowd: Crowd, watch: Watch) -> Driven:
    """Let all clients write against a server that loses messages, until it is killed under them."""
    config = order.config
    lossy = serving._replace(loss=config.server_packet_loss_rate, seed=order.seed)
    async with running(lossy) as server:
        clients = await make_clients(order, crowd, server.address)
        tallies = {name: client.tally for name, client in clients.items()}
        loop = asyncio.get_running_loop()
        began = loop.time()
        end = began + config.test_duration_seconds
        tasks = [loop.create_task(client.live()) for client in clients.values()]
        tasks.append(loop.create_task(server.watch()))
        try:
            while (left := end - loop.time()) > 0 and len(crowd.history) < MOST:
                await pause(tasks, min(GLANCE, left))
                watch(loop.time() - began, tallies)
            lost = await server.losses()
            seconds = loop.time() - began
            await server.kill()
        finally:
            await cancel(tasks)
    return Driven(seconds, tallies, [*crowd.history], lost, crowd.losses(), crowd.sent_again())


async def make_clients(order: Order, crowd: Crowd, address: str) -> dict[str, StressClient]:
    """All clients of the configuration, by their names."""
    config, clients = order.config, {}
    for client in config.clients:
        clerk = await crowd.clerk(client.name, address, config.client_packet_loss_rate)
        chance = Random(f"{order.seed} {client.name}")
        retries = config.max_retries_server_packet_loss
        clients[client.name] = StressClient(client, retries, clerk, chance)
    return clients


async def pause(tasks: Iterable[asyncio.Task[None]], seconds: float) -> None:
    """Let tasks run for a while, none of which ends but by what it raises."""
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


async def cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End tasks."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def read_again(
    serving: Serving, crowd: Crowd, operations: Iterable[Operation]
) -> dict[str, Entry]:
    """What a new server in the same folder has of all keys. Raises `ServerFailed` if none can start."""
    keys = {operation.args[0] for operation in operations}
    async with running(serving) as server, asyncio.timeout(READING):
        clerk = await crowd.clerk("the reader after the restart", server.address)
        return {key: await clerk.get(key) for key in sorted(keys)}


def persistence(
    operations: Iterable[Operation], found: dict[str, Entry], promised: bool, problem: str
) -> Persistence:
    """How many acknowledged writes are not among what was found, nor overwritten there."""
    writes = [
        operation.args
        for operation in operations
        if operation.name == "put" and operation.returned is not None and operation.error is None
    ]
    lost = 0
    for key, value, version in writes:
        entry = found.get(key)
        if entry is not None:
            newest = entry.version == version + 1
            lost += entry.version <= version or (newest and entry.value != value)
    return Persistence(len(writes), lost, promised, problem)


def judge(order: Order, driven: Driven, kept: Persistence, history: Iterable[Operation]) -> Result:
    """The result of a run, with the verdict of the checker on its history."""
    finding = check(history, VersionedStore)
    answered = [operation for operation in driven.operations if operation.returned is not None]
    return Result(
        storage=order.storage or PLAIN,
        seed=order.seed,
        seconds=driven.seconds,
        operations=len(driven.operations),
        unanswered=len(driven.operations) - len(answered),
        sent_again=driven.sent_again,
        throughput=len(answered) / driven.seconds,
        get_ms=Latency.of(operation for operation in answered if operation.name == "get"),
        put_ms=Latency.of(operation for operation in answered if operation.name == "put"),
        clients=driven.tallies,
        lost_by_server=driven.lost_by_server,
        lost_by_clients=driven.lost_by_clients,
        persistence=kept,
        verdict=finding.verdict,
        sentence=finding.sentence,
        evidence=[describe(each) for each in finding.evidence],
    )


def describe(operation: Operation) -> str:
    """An operation of the evidence, in a line."""
    began = f"{operation.invoked / 1e6:.6f}"
    if operation.returned is None:
        return f"{operation.client}: {operation} at {began} s, never answered"
    done = "done" if operation.result is None else repr(operation.result)
    answer = done if operation.error is None else f"error {operation.error}"
    ended = f"{operation.returned / 1e6:.6f}"
    return f"{operation.client}: {operation} from {began} to {ended} s: {answer}"
