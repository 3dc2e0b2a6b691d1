"""Puts a workload on a cluster: nodes, services, clients, faults, and a quiet end."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

from autograder.checkers.finding import Judgement
from autograder.checkers.history import Operation
from autograder.cluster import Cluster, seeds
from autograder.cluster.errors import ClusterError, HarnessFault
from autograder.cluster.member import Member
from autograder.gossip import net
from autograder.gossip.client import Client, Names
from autograder.gossip.demands import Demands
from autograder.gossip.faults import Fault, Stage, trouble
from autograder.gossip.latency import latency
from autograder.gossip.load import Load
from autograder.gossip.services import Services
from autograder.gossip.workload import Workload
from autograder.verdict import Verdict
from autograder.violation import Violation

Meanwhile = Callable[[], Coroutine[Any, Any, None]]  # what is done while the load is on


@dataclass
class Run:
    """A workload that was put on a cluster, and what came of it."""

    cluster: Cluster
    workload: Workload
    load: Load
    nodes: list[Member]
    services: Services
    names: Names
    demands: Demands
    begun: dict[str, int] = field(default_factory=dict)  # faults by kind, as often as they struck
    quiet: int = 0  # when the network had been whole and quiet, in microseconds
    loads: int = 0  # that were put on it before

    @property
    def operations(self) -> list[Operation]:
        """What its clients did."""
        own = set(self.names.given)
        return [operation for operation in self.cluster.history if operation.client in own]

    def judge(self) -> Judgement:
        """What the workload finds."""
        return self.workload.judge(self.cluster.history, self.quiet)

    def must_hold(self) -> dict[str, Any]:
        """Raise `Violation` if a promise was broken; the figures of the workload and of the network."""
        finding, figures = self.judge()
        if finding.verdict is Verdict.FAIL:
            raise Violation(finding.sentence, finding.evidence, finding.cycle)
        if finding.verdict is Verdict.UNKNOWN:
            raise HarnessFault(finding.sentence)
        if never := [name for name, times in self.begun.items() if not times]:
            raise HarnessFault(f"these faults never struck: {', '.join(never)}")
        return {**figures, "net": self.net()}

    def must_answer(self) -> None:
        """Raise `Violation` unless every operation was answered, and none with an error."""
        for each in self.operations:
            if each.returned is None or each.error is not None:
                how = (
                    f"answered with error {each.error}"
                    if each.error is not None
                    else "did not answer"
                )
                sentence = f"{each.node} {how} {each.client}'s {each} of {each.invoked / 1e6:.3f} s"
                raise Violation(sentence, [each])

    def net(self) -> dict[str, dict[str, Any]]:
        """The messages that it took."""
        return net.count(self.cluster.trace, len(self.operations))

    def available(self) -> float:
        """The part of the operations that succeeded."""
        done = self.operations
        good = sum(each.returned is not None and each.error is None for each in done)
        return good / len(done) if done else 1.0


async def nothing() -> None:
    """What is done meanwhile, if nothing is."""


async def drive(
    cluster: Cluster,
    workload: Workload,
    program: str,
    load: Load,
    faults: Sequence[Fault] = (),
    meanwhile: Meanwhile = nothing,
    **options: Any,
) -> Run:
    """Start nodes of `program`, put the load on them under the faults, and let it end in quiet."""
    run = await set_up(cluster, workload, program, load, **options)
    await put_through(run, faults, meanwhile)
    return run


async def set_up(
    cluster: Cluster, workload: Workload, program: str, load: Load, **options: Any
) -> Run:
    """Start services and nodes: those may ask them before they are up."""
    names = Names()
    run = Run(cluster, workload, load, [], Services(cluster), names, Demands(cluster, names))
    cluster.network.demand = run.demands.problem
    cluster.lasting = True
    starts = (cluster.start(program, name, load.node_names, **options) for name in load.node_names)
    run.nodes = await asyncio.gather(*starts)
    return run


async def put_through(
    run: Run, faults: Sequence[Fault] = (), meanwhile: Meanwhile = nothing
) -> None:
    """Put the load on the nodes of a run under the faults, and let it end in quiet.

    The quiet begins when the load and what is done meanwhile have both ended.
    """
    cluster, workload, load = run.cluster, run.workload, run.load
    run.demands.allow(load.rate * load.time_limit)
    with ExitStack() as stack:
        if load.latency:
            stack.enter_context(cluster.network.rule(latency(load.latency, load.latency_dist)))
        clients = [client(run, number) for number in range(load.clients)]
        more = [client(run, number) for number in range(len(clients), load.nodes)]
        await workload.prepare([*clients, *more][: load.nodes], load)
        stage = Stage(cluster, run.nodes, run.services, run.begun)
        async with trouble(stage, faults, load.interval):
            await asyncio.gather(Pacer(run, clients).offer(), meanwhile())
        await asyncio.sleep(load.calm)
        run.quiet = cluster.engine.now
        run.loads += 1
        await ask_last(run, clients)


def client(run: Run, number: int) -> Client:
    """A client of the node whose turn it is."""
    node = run.nodes[number % len(run.nodes)]
    return Client(run.cluster, run.names, node.id, run.load.timeout)


class Pacer:
    """Gives clients operations at the rate of a load, whenever one is free."""

    def __init__(self, run: Run, clients: Sequence[Client]) -> None:
        self._run = run
        self._random = seeds.stream(run.cluster.seed, "load", *([run.loads] if run.loads else []))
        self._free = list(clients)
        self._freed = asyncio.Event()

    async def offer(self) -> None:
        """Put the whole load on, and wait until all operations have ended."""
        cluster, end = self._run.cluster, self._run.cluster.now + self._run.load.time_limit
        doing: set[asyncio.Task[None]] = set()
        for when in moments(self._random, self._run.load.rate, cluster.now, end):
            await asyncio.sleep(max(0.0, when - cluster.now))
            while not self._free:
                self._freed.clear()
                await self._freed.wait()
            if cluster.now >= end:
                break
            free = self._free.pop(self._random.randrange(len(self._free)))
            task = asyncio.ensure_future(self._do(free))
            doing.add(task)
            task.add_done_callback(doing.discard)
        await asyncio.gather(*doing)

    async def _do(self, client: Client) -> None:
        try:
            workload = self._run.workload
            await client.do(workload, workload.next(client, self._random))
        except Exception as error:  # ends the run at once: nobody awaits this task
            self._run.cluster.engine.fail(error if isinstance(error, ClusterError) else ours())
        finally:
            self._free.append(client)
            self._freed.set()


def ours() -> HarnessFault:
    """The exception that is handled: our fault."""
    return HarnessFault(traceback.format_exc())


def moments(random: Random, rate: float, begin: float, end: float) -> Iterator[float]:
    """When operations begin, so many a second in the mean."""
    when = begin
    while (when := when + random.uniform(0, 2 / rate)) < end:
        yield when


async def ask_last(run: Run, clients: Sequence[Client]) -> None:
    """Let every client ask its last questions."""

    async def ask(client: Client) -> None:
        for request in run.workload.last(client):
            await client.do(run.workload, request)

    await asyncio.gather(*map(ask, clients))
