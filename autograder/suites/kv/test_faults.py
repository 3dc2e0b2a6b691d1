"""Servers that are slow or stand still, clients that are killed, requests that make no sense."""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec import Raw

from autograder.cluster import Cluster, rules
from autograder.cluster.trace import Message
from autograder.points import points
from autograder.suites.kv.store import ANSWER, Clerk, Result, Store, start, wander
from autograder.suites.limits import within
from autograder.suites.messages import First
from labs.node import MalformedRequest, NotSupported, PreconditionFailed, RPCError

NONSENSE: tuple[dict[str, Any], ...] = (
    {"type": "get"},
    {"type": "get", "key": 7},
    {"type": "put", "key": "x", "value": "b"},
    {"type": "put", "key": "x", "value": None, "version": 1},
    {"type": "put", "key": "x", "value": "b", "version": "1"},
    {"type": "put", "key": "x", "value": "b", "version": 1.5},
    {"type": "put", "key": ["x"], "value": "b", "version": 1},
    {"type": "put", "key": "x", "value": Raw(b'"\xff\xfe"'), "version": 1},
    {"type": "put", "key": "x", "value": Raw(b"[" * 500 + b"]" * 500), "version": 1},
    {"type": "put", "key": "x", "value": "b", "version": Raw(b"1e999999")},
)


@points(2)
async def test_slow_server(cluster: Cluster) -> None:
    """Operations end, and fit one order, although each step of the server takes up to 0.3 s."""
    store = await start(cluster, clerks=4)
    cluster.slow(store.server, 0.3)
    await asyncio.gather(*(wander(cluster, clerk, 6) for clerk in store.clerks))
    store.check()


@points(2)
async def test_paused_server(cluster: Cluster) -> None:
    """What was asked of a server that stood still for four seconds is done once when it goes on."""
    store = await start(cluster, clerks=4)
    await cluster.pause(store.server)
    puts = [asyncio.create_task(put_once(clerk)) for clerk in store.clerks]
    await asyncio.sleep(4)
    await cluster.resume(store.server)
    await within(ANSWER, asyncio.gather(*puts), "an end of all puts, once the server goes on")
    for clerk in store.clerks:
        await store.clerks[0].must_get(clerk.id, "a", 1)
    store.check()


async def put_once(clerk: Clerk) -> None:
    """Create a key that no one else puts, and one that all do."""
    await clerk.must_put(clerk.id, "a", 0, Result.DONE, Result.MAYBE)
    await clerk.must_put("all", clerk.id, 0, Result.DONE, Result.MAYBE, Result.REFUSED)


@points(2)
async def test_killed_clients(cluster: Cluster) -> None:
    """A put whose client is killed is done once or not at all, and the other clients go on."""
    store = await start(cluster, clerks=4, processes=4)
    await asyncio.gather(
        kill_at_its_put(cluster, store.clerks[0], arrives=False),
        kill_at_its_put(cluster, store.clerks[1], arrives=True),
        wander(cluster, store.clerks[2], 20, "xy"),
        wander(cluster, store.clerks[3], 20, "xy"),
    )
    await store.clerks[2].get("x")
    store.check()


async def kill_at_its_put(cluster: Cluster, clerk: Clerk, arrives: bool) -> None:
    """Kill a client that has just sent a put, which arrives at the server or does not."""
    fate = rules.PASS if arrives else rules.LOST
    sent = First(1, lambda message: is_put_by(clerk, message), fate)
    with cluster.network.rule(sent, what=f"{clerk.id} is killed at its next put"):
        work = asyncio.create_task(wander(cluster, clerk, 3, "xy"))
        await within(ANSWER, sent.reached.wait(), f"{clerk.id} has sent a put")
        await cluster.crash(clerk.member)
    await asyncio.gather(work, return_exceptions=True)


def is_put_by(clerk: Clerk, message: Message) -> bool:
    """Whether a message is a put of the process of this clerk."""
    return message.type == "put" and message.src == clerk.member.id


@points(2)
async def test_nonsense(cluster: Cluster) -> None:
    """A malformed request is answered with error 12, an unknown one with error 10; both harm nothing."""
    store = await start(cluster)
    [clerk] = store.clerks
    await clerk.must_put("x", "a", 0)
    for body in NONSENSE:
        await refuse(cluster, store, body, MalformedRequest)
    await refuse(cluster, store, {"type": "delete", "key": "x"}, NotSupported)
    below = {"type": "put", "key": "x", "value": "b", "version": -1}
    await refuse(cluster, store, below, PreconditionFailed)
    await clerk.must_get("x", "a", 1)
    store.check()


async def refuse(
    cluster: Cluster, store: Store, body: dict[str, Any], error: type[RPCError]
) -> None:
    """Send the server a request that it must answer with an error."""
    try:
        answer = await cluster.call(store.server, body)
    except RPCError as refusal:
        answer = f"{type(refusal).__name__} ({refusal.text})"
        if isinstance(refusal, error):
            return
    raise AssertionError(f"{body} was answered by {answer}; right was {error.__name__}")
