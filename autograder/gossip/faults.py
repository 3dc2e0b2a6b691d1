"""What happens to nodes and links while a load is on them: kinds of faults that come and go.

Faults of links reach what servers send each other and the services; what clients send and get arrives. A
node that was killed starts again with its disk, and is told no topology again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from autograder.cluster import Cluster, rules, seeds
from autograder.cluster.member import Member
from autograder.cluster.rules import PASS, Rule, described
from autograder.gossip.cuts import CUTS, Shape, between, cut
from autograder.gossip.latency import between_servers
from autograder.gossip.services import Services

# Of the interval: how long a fault lasts, and how long none of its kind is there.
LEAST, MOST = 0.5, 1.5
AGAIN = 0.1  # of the interval, after which a fault that found nothing to strike looks again
LOSS = 0.1, 0.4  # of messages, at least and at most
COPIES = 0.2, 0.6
LATE_COPY = 0.5  # seconds at most by which a second copy is late
SLOW = 0.2  # seconds at most that a step of a slow node takes


@dataclass
class Stage:
    """Where faults strike; `begun` counts by kind how often they did."""

    cluster: Cluster
    nodes: list[Member]
    services: Services
    begun: dict[str, int]
    busy: set[str] = field(default_factory=set)  # nodes that are down or stand still

    @property
    def free(self) -> list[Member]:
        """The nodes that run."""
        return [node for node in self.nodes if node.id not in self.busy]


Harm = AbstractAsyncContextManager[None]


@dataclass(frozen=True)
class Fault:
    """A kind of fault. `strike` draws one, which is there inside `async with`, or None."""

    name: str
    strike: Callable[[Stage, Random], Harm | None]


@asynccontextmanager
async def trouble(stage: Stage, faults: Sequence[Fault], interval: float) -> AsyncIterator[None]:
    """Let every kind of fault come and go, each by its own chance; at the end all is whole."""
    tasks = [asyncio.ensure_future(toggle(stage, fault, interval)) for fault in faults]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for problem in ends:
        if isinstance(problem, Exception):
            raise problem


async def toggle(stage: Stage, fault: Fault, interval: float) -> None:
    """Begin a fault at once, and end and begin one in turn until cancelled; then none is left."""
    random = seeds.stream(stage.cluster.seed, "fault", fault.name)
    stage.begun.setdefault(fault.name, 0)
    while True:
        harm = fault.strike(stage, random)
        if harm is None:
            await asyncio.sleep(AGAIN * interval)
            continue
        async with harm:
            stage.begun[fault.name] += 1
            await asyncio.sleep(spell(random, interval))
        await asyncio.sleep(spell(random, interval))


def spell(random: Random, interval: float) -> float:
    """For how long a fault is there, or is not: never so short that it means nothing."""
    return interval * random.uniform(LEAST, MOST)


def promised(time_limit: float, interval: float) -> int:
    """How often a kind of fault strikes at least, in a load of so many seconds."""
    return 1 + int(time_limit / (2 * MOST * interval))


def too_few(begun: Mapping[str, int], time_limit: float, interval: float) -> str:
    """Which faults struck less than they must for a run to mean something, in a sentence; or nothing."""
    least = promised(time_limit, interval)
    rare = [f"'{name}' {count} times" for name, count in begun.items() if count < least]
    return f"too few faults struck: {', '.join(rare)}, and not {least} times" if rare else ""


# ---- links ---------------------------------------------------------------------------------------


@asynccontextmanager
async def ruled(stage: Stage, rule: Rule) -> AsyncIterator[None]:
    """A rule of the network is at work."""
    with stage.cluster.network.rule(rule):
        yield


def cutting(shape: Shape) -> Callable[[Stage, Random], Harm | None]:
    """Cut the links that a shape draws between nodes."""

    def strike(stage: Stage, random: Random) -> Harm | None:
        names = random.sample([node.id for node in stage.nodes], len(stage.nodes))
        links = shape(names, random)
        return ruled(stage, cut(links)) if links else None

    return strike


def cut_services(stage: Stage, random: Random) -> Harm:
    """Cut some nodes off from all services, or lose only what they ask, or only the answers."""
    nodes = random.sample([node.id for node in stage.nodes], random.randint(1, len(stage.nodes)))
    asking, answers = between(nodes, stage.services.names), between(stage.services.names, nodes)
    return ruled(stage, cut(random.choice((asking, answers, asking | answers))))


def lose(stage: Stage, random: Random) -> Harm:
    """Lose some of what servers send each other."""
    return ruled(stage, of_servers(rules.lose(round(random.uniform(*LOSS), 2))))


def duplicate(stage: Stage, random: Random) -> Harm:
    """Deliver some of what servers send each other twice."""
    return ruled(stage, of_servers(rules.duplicate(round(random.uniform(*COPIES), 2), LATE_COPY)))


def of_servers(rule: Rule) -> Rule:
    """A rule for what servers send each other."""
    return described(
        f"between servers, {rules.describe(rule)}",
        lambda message, random: rule(message, random) if between_servers(message) else PASS,
    )


# ---- nodes ---------------------------------------------------------------------------------------


def some(stage: Stage, random: Random) -> list[Member]:
    """Nodes that run: one, a few, most, or all."""
    free = stage.free
    sizes = (1, random.randint(1, len(stage.nodes)), len(stage.nodes) // 2 + 1)
    return random.sample(free, min(len(free), random.choice(sizes)))


def kill(stage: Stage, random: Random) -> Harm | None:
    """Kill nodes, and start them again."""
    return killed(stage, victims) if (victims := some(stage, random)) else None


@asynccontextmanager
async def killed(stage: Stage, victims: list[Member]) -> AsyncIterator[None]:
    """Nodes are down."""
    with occupied(stage, victims):
        try:
            for node in victims:
                await stage.cluster.crash(node)
            yield
        finally:
            starts = (stage.cluster.restart(node) for node in victims if not node.running)
            await whole(asyncio.gather(*starts))


async def whole(work: asyncio.Future[Any]) -> None:
    """Await something to its end, even if this task is cancelled: a start takes time on the wall."""
    cancelled = False
    while not work.done():
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            cancelled = True
    work.result()
    if cancelled:
        raise asyncio.CancelledError


def pause(stage: Stage, random: Random) -> Harm | None:
    """Let nodes stand still."""
    return paused(stage, victims) if (victims := some(stage, random)) else None


@asynccontextmanager
async def paused(stage: Stage, victims: list[Member]) -> AsyncIterator[None]:
    """Nodes stand still; what comes meanwhile waits for them."""
    with occupied(stage, victims):
        try:
            for node in victims:
                await stage.cluster.pause(node)
            yield
        finally:
            for node in victims:
                await stage.cluster.resume(node)


def slow(stage: Stage, random: Random) -> Harm:
    """Let nodes take long for every step."""
    return slowed(stage, random.sample(stage.nodes, random.randint(1, len(stage.nodes))))


@asynccontextmanager
async def slowed(stage: Stage, victims: list[Member]) -> AsyncIterator[None]:
    """Nodes take long."""
    try:
        for node in victims:
            stage.cluster.slow(node, SLOW)
        yield
    finally:
        for node in victims:
            stage.cluster.slow(node, 0.0)


@contextmanager
def occupied(stage: Stage, nodes: Sequence[Member]) -> Iterator[None]:
    """No other fault may kill or stop these nodes meanwhile."""
    names = {node.id for node in nodes}
    stage.busy |= names
    try:
        yield
    finally:
        stage.busy -= names


FAULTS = {
    fault.name: fault
    for fault in (
        *(Fault(name, cutting(shape)) for name, shape in CUTS.items()),
        Fault("kill", kill),
        Fault("pause", pause),
        Fault("loss", lose),
        Fault("duplicate", duplicate),
        Fault("services", cut_services),
        Fault("slow", slow),
    )
}
