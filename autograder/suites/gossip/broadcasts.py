"""What the tests of broadcasts share: a load, what happens to nodes meanwhile, and what it may cost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from autograder.checkers.history import Operation
from autograder.cluster import Cluster, rules
from autograder.cluster.member import Member
from autograder.cluster.rules import Rule
from autograder.cluster.trace import Message
from autograder.gossip.drive import Run, drive
from autograder.gossip.latency import between_servers
from autograder.gossip.load import Load
from autograder.gossip.workloads.broadcast import Broadcast
from autograder.suites.messages import First
from autograder.violation import Violation

ANSWER = 1.0  # seconds to wait for what need not come: an acknowledgement, or a write to a file
DOWN = 0.4  # seconds that a node is down

Plan = Callable[[Cluster], Awaitable[None]]


async def put(cluster: Cluster, program: str, load: Load, *plans: Plan) -> Run:
    """Put a load on nodes of a program, and meanwhile carry plans out, one after the other."""

    async def carry_out() -> None:
        await asyncio.sleep(0.5)
        for plan in plans:
            await plan(cluster)

    return await drive(cluster, Broadcast(), program, load, meanwhile=carry_out)


def under(rule: Rule, what: str, load: Load, *plans: Plan) -> Plan:
    """Plans that are carried out while a rule of the network is at work: as long as the load is on."""

    async def plan(cluster: Cluster) -> None:
        end = cluster.now + load.time_limit
        with cluster.network.rule(rule, what=what):
            for each in plans:
                await each(cluster)
            await asyncio.sleep(max(0.0, end - cluster.now))

    return plan


def servers(cluster: Cluster) -> list[Member]:
    """The nodes."""
    return list(cluster.members.values())


def others(cluster: Cluster, node: str) -> list[str]:
    """The names of the other nodes."""
    return [name for name in cluster.members if name != node]


def among_servers(rule: Rule) -> Rule:
    """A rule for messages between nodes alone."""
    what = f"between servers, {rules.describe(rule)}"
    return rules.described(
        what,
        lambda message, random: rule(message, random) if between_servers(message) else rules.PASS,
    )


# --- plans ------------------------------------------------------------------------------------------


async def cut_each_off(cluster: Cluster) -> None:
    """Cut every node off from the others for a while, one after the other."""
    for name in cluster.members:
        with cluster.network.partition([name], others(cluster, name)):
            await asyncio.sleep(0.6)
        await asyncio.sleep(0.2)


async def cut_each_one_way(cluster: Cluster) -> None:
    """Let every node reach nobody for a while, and then be reached by nobody."""
    for name in cluster.members:
        with cluster.network.cut([name], others(cluster, name)):
            await asyncio.sleep(0.4)
        with cluster.network.cut(others(cluster, name), [name]):
            await asyncio.sleep(0.4)


async def crash_each(cluster: Cluster) -> None:
    """Kill every node, or take the power from it, and start it again."""
    for member in servers(cluster):
        await (cluster.crash if cluster.random.random() < 0.5 else cluster.lose_power)(member)
        await asyncio.sleep(DOWN)
        await cluster.restart(member)
        await asyncio.sleep(0.2)


async def pause_each(cluster: Cluster) -> None:
    """Let every node stand still for a while."""
    for member in servers(cluster):
        await cluster.pause(member)
        await asyncio.sleep(0.5)
        await cluster.resume(member)


async def lose_power_when_acknowledged(cluster: Cluster) -> None:
    """Take the power from every node at the moment when it, cut off, acknowledges a message."""
    for member in servers(cluster):
        told = First(1, Acknowledgement(member.id), rules.PASS)
        with (
            cluster.network.partition([member.id], others(cluster, member.id)),
            cluster.network.rule(told, what=f"{member.id} loses power when it acknowledges"),
        ):
            await happens(told.reached)
            await cluster.lose_power(member)
            await asyncio.sleep(DOWN)
        await cluster.restart(member)
        await asyncio.sleep(0.2)


async def lose_the_busiest(cluster: Cluster) -> None:
    """Kill the node that the others have exchanged most messages with, for good."""
    await asyncio.sleep(0.5)
    talk = Counter(
        name
        for event in cluster.trace.events
        if event.kind == "send" and event.message and between_servers(event.message)
        for name in (event.message.src, event.message.dest)
    )
    [(name, _)] = talk.most_common(1) or [("n1", 0)]
    await cluster.crash(cluster.members[name])


class Acknowledgement:
    """Whether a message is one of this node's that acknowledges a broadcast."""

    def __init__(self, node: str) -> None:
        self._node = node

    def __call__(self, message: Message) -> bool:
        return message.src == self._node and message.type == "broadcast_ok"


async def lose_power_in_writes(cluster: Cluster) -> None:
    """End nodes when they have written, and have not made sure that it is on the disk.

    Some lose power. Others are killed, which loses nothing; and lose power later, which may.
    """
    for strike in (cluster.lose_power, cluster.lose_power, cluster.crash):
        for member in servers(cluster):
            await written(member)
            await strike(member)
            await cluster.restart(member)
            await asyncio.sleep(0.1)
            await cluster.lose_power(member)
            await cluster.restart(member)


async def written(member: Member) -> None:
    """Wait until a node has written to a file, and does not know yet that it has."""
    write = asyncio.Event()
    member.disk.before = lambda operation: write.set() if operation.verb == "append" else None
    await happens(write)
    member.disk.before = None


async def happens(event: asyncio.Event) -> None:
    """Wait until something happens, but not for long: other programs do without it."""
    try:
        async with asyncio.timeout(ANSWER):
            await event.wait()
    except TimeoutError:
        pass


# --- promises ---------------------------------------------------------------------------------------


def must_hold_among_survivors(run: Run) -> None:
    """Raise unless nodes that are up at the end know what any of them has acknowledged."""
    up = {node.id for node in run.nodes if node.running}
    done = [each for each in run.operations if each.node in up]
    told = [each for each in done if each.name == "broadcast" and succeeded(each)]
    for read in done:
        if read.invoked < run.quiet:
            continue
        known = set(read.result) if succeeded(read) else set()
        for each in told:
            if each.args[0] not in known:
                raise Violation(
                    f"{read.node} lacks message {each.args[0]} at the end, although {each.node} took it at "
                    f"{(each.returned or 0) / 1e6:.3f} s and is up, as {read.node} is",
                    [each, read],
                )


def succeeded(operation: Operation) -> bool:
    """Whether an operation had an answer that is no error."""
    return operation.returned is not None and operation.error is None


# --- costs ------------------------------------------------------------------------------------------


def must_be_cheap(run: Run, messages: float, median: float, longest: float) -> None:
    """Raise unless all was well, and it took at most so many messages, and so many milliseconds.

    The messages are those between nodes, for each operation. The times are Maelstrom's `stable-latencies`:
    from when a message is known until the last read that lacks it. No operation may take longer itself.
    """
    figures = run.must_hold()
    sent = messages_per_operation(run, figures["acknowledged-count"])
    assert sent <= messages, (
        f"nodes sent each other {sent:.2f} messages for each operation; "
        f"at most {messages:g} are allowed"
    )
    latencies = figures["stable-latencies"]
    for which, quantile, most in (("half of the", 0.5, median), ("all", 1.0, longest)):
        assert latencies[quantile] <= most, (
            f"after {latencies[quantile]:.1f} ms reads still lacked messages that were known; "
            f"{which} messages must be everywhere within {most:g} ms"
        )
    must_answer(run, longest)


def messages_per_operation(run: Run, told: int) -> float:
    """The messages between nodes for each operation.

    Half of the operations are broadcasts, more or less: a program does not pay for a draw of more of them.
    """
    sent = run.net()["servers"]
    return float(min(sent["msgs-per-op"], sent["send-count"] / (2 * max(told, 1))))


def must_answer(run: Run, most: float) -> None:
    """Raise unless every operation was answered within so many milliseconds."""
    for each in run.operations:
        if each.returned is None or each.returned - each.invoked > 1000 * most:
            raise Violation(
                f"{each.node} was asked {each} at {each.invoked / 1e6:.3f} s and {took(each)}; "
                f"on a whole network {most:g} ms are allowed",
                [each],
            )


def took(operation: Operation) -> str:
    """How long an operation took."""
    if operation.returned is None:
        return "did not answer"
    return f"answered after {(operation.returned - operation.invoked) / 1000:.0f} ms"


def sent_since(cluster: Cluster, since: float) -> int:
    """How many messages nodes have sent each other since a time in seconds."""
    return sum(
        event.kind == "send" and event.message is not None and between_servers(event.message)
        for event in cluster.trace.events
        if event.now >= since * 1e6
    )
