"""What the tests of logs share: a load, what happens to nodes meanwhile, and clients with a script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from autograder.cluster import Cluster, rules
from autograder.cluster.trace import Message
from autograder.gossip import drive as driver
from autograder.gossip.client import Client
from autograder.gossip.drive import Run
from autograder.gossip.latency import between_servers
from autograder.gossip.load import Load
from autograder.gossip.services import SERVICES
from autograder.gossip.workload import Request
from autograder.gossip.workloads.kafka import Kafka
from autograder.suites.limits import within
from autograder.suites.messages import First
from autograder.violation import Violation
from labs.node import RPCError

SOON = 5.0  # seconds within which a whole network answers
ANSWERED = 0.99  # of the operations, at least, where nothing goes wrong
DOWN = 0.4  # seconds that a node is down
POOR = 4.0  # seconds that a network is poor

Plan = Callable[[Cluster], Awaitable[None]]


async def put(cluster: Cluster, program: str, load: Load, *plans: Plan, keys: int = 8) -> Run:
    """Put a load on logs of so many keys, and meanwhile carry plans out, one after the other."""

    async def carry_out() -> None:
        await asyncio.sleep(0.3)
        for plan in plans:
            await plan(cluster)

    meanwhile = asyncio.ensure_future(carry_out())
    run = await driver.drive(cluster, Kafka(keys), program, load)
    await meanwhile
    return run


def must_answer(run: Run) -> None:
    """Raise unless almost all operations were answered, and not with an error."""
    failed = [each for each in run.operations if each.returned is None or each.error is not None]
    if len(failed) > (1 - ANSWERED) * len(run.operations):
        first = failed[0]
        why = "got no answer" if first.returned is None else f"got error {first.error}"
        raise Violation(
            f"{len(failed)} of {len(run.operations)} operations failed, though nothing went wrong: the "
            f"first is {first} of {first.client} at {first.invoked / 1e6:.3f} s, which {why} from "
            f"{first.node}",
            [first],
        )


async def must_go_on(run: Run) -> None:
    """Raise unless every node takes a message for each of some new keys, now that all is whole."""
    for node in run.nodes:
        for number in range(6):
            key = f"{node.id}-{number}"
            body = {"type": "send", "key": key, "msg": 0}
            what = f"{node.id} takes a message for the new key {key!r}, now that all is whole again"
            try:
                await within(SOON, run.cluster.call(node, body, 2 * SOON), what)
            except RPCError as error:
                raise AssertionError(
                    f"error {error.code} ({error}); it was due that {what}"
                ) from None


def must_be_cheap(run: Run, most: float) -> None:
    """Raise unless all was well, and an operation took at most so many messages of servers.

    Each poll counts, also those of a client that polls until nothing more comes.
    """
    run.must_hold()
    must_answer(run)
    asked = sum(asked() for asked in run.names.asked.values())
    sent = run.net()["servers"]["send-count"] / asked
    assert sent <= most, (
        f"nodes and services sent each other {sent:.2f} messages for each operation of clients; "
        f"at most {most:g} are allowed"
    )


# --- plans ------------------------------------------------------------------------------------------


def rest(cluster: Cluster, node: str) -> list[str]:
    """The other nodes, and the services."""
    return [name for name in (*cluster.members, *SERVICES) if name != node]


async def cut_each_off(cluster: Cluster) -> None:
    """Cut every node off from the others and from the services: both ways, then one, then the other."""
    for name in [*cluster.members]:
        with cluster.network.partition([name], rest(cluster, name)):
            await asyncio.sleep(0.8)
        await asyncio.sleep(0.2)
        with cluster.network.cut([name], rest(cluster, name)):
            await asyncio.sleep(0.4)
        with cluster.network.cut(rest(cluster, name), [name]):
            await asyncio.sleep(0.4)


async def crash_each(cluster: Cluster) -> None:
    """Kill every node, and start it again."""
    for member in [*cluster.members.values()]:
        await cluster.crash(member)
        await asyncio.sleep(DOWN)
        await cluster.restart(member)
        await asyncio.sleep(0.2)


def lose_power_at(kind: str) -> Plan:
    """A plan: every node loses its power as it sends a message of a kind, or a little later."""

    async def plan(cluster: Cluster) -> None:
        for member in [*cluster.members.values()]:
            sent = First(1, Sent(member.id, kind), rules.PASS)
            with cluster.network.rule(sent, what=f"{member.id} loses power as it sends {kind}"):
                await happens(sent.reached)
                await cluster.lose_power(member)
            await asyncio.sleep(DOWN)
            await cluster.restart(member)
            await asyncio.sleep(0.1)

    return plan


@dataclass(frozen=True)
class Sent:
    """Whether a message is of this kind, and from this node."""

    node: str
    kind: str

    def __call__(self, message: Message) -> bool:
        return message.src == self.node and message.type == self.kind


async def happens(event: asyncio.Event) -> None:
    """Wait until something happens, but not for long: other programs do without it."""
    try:
        async with asyncio.timeout(0.5):
            await event.wait()
    except TimeoutError:
        pass


async def suffer_a_poor_network(cluster: Cluster) -> None:
    """Of what nodes and services send each other, some is lost, late, or comes twice, for a while."""
    rule = rules.chain(rules.lose(0.15), rules.duplicate(0.2, 0.3), rules.delay(0, 0.01))

    def poor(message: Message, random: Random) -> Sequence[float]:
        return rule(message, random) if between_servers(message) else rules.PASS

    with cluster.network.rule(poor, what=f"between servers, {rules.describe(rule)}"):
        await asyncio.sleep(POOR)


# --- scripts ----------------------------------------------------------------------------------------


class Script:
    """Clients that do what a test says, one of them at each node, and one more."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.clients = [driver.client(run, number) for number in range(len(run.nodes) + 1)]

    async def ask(self, client: Client, name: str, *args: Any) -> Any:
        """Let a client do an operation, which must succeed; its result."""
        history = self.run.cluster.history
        await client.do(self.run.workload, Request(name, args))
        done = history.last(client.id, name, args)
        if done.returned is None or done.error is not None:
            raise Violation(f"{done} of {client.id} failed, though nothing went wrong", [done])
        return done.result

    def any(self) -> Client:
        """One of the clients, by chance."""
        return self.run.cluster.random.choice(self.clients)


async def start(cluster: Cluster, program: str, nodes: int = 1) -> Script:
    """Nodes of a program, and clients that follow a script."""
    return Script(await driver.set_up(cluster, Kafka(), program, Load(nodes=nodes)))


async def commit_here_and_there(script: Script) -> None:
    """Commit offsets of several keys, the first and later and earlier ones, and list them, wherever."""
    keys = [f"k{number}" for number in range(1, 7)]
    offsets: dict[str, list[int]] = {key: [] for key in keys}
    for message in range(1, 31):
        key = keys[message % len(keys)]
        offset = await script.ask(script.clients[0], "send", key, message)
        offsets[key].append(offset)
    for step in (0, 3, 1, 4):
        for key in keys:
            await script.ask(script.any(), "commit_offsets", {key: offsets[key][step]})
            await script.ask(script.any(), "list_committed_offsets", (key, "nothing"))
        await every_client_lists(script, keys)


async def commit_at_once(script: Script, times: int = 5) -> None:
    """Let all clients commit offsets of keys of their own at the same time, and list all of them."""
    keys = [f"{client.node}-{number}" for number, client in enumerate(script.clients)]
    for message in range(1, times + 1):
        committing = []
        for number, (client, key) in enumerate(zip(script.clients, keys, strict=True)):
            offset = await script.ask(client, "send", key, 1000 * number + message)
            committing.append((client, "commit_offsets", {key: offset}))
        await asyncio.gather(*(script.ask(*each) for each in committing))
        await every_client_lists(script, keys)


async def every_client_lists(script: Script, keys: list[str]) -> None:
    """Let every client list the committed offsets of all keys."""
    for client in script.clients:
        await script.ask(client, "list_committed_offsets", tuple(keys))
