"""Requests and replies that are lost at exact moments: what a clerk can know, and what it cannot."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.kv.store import ANSWER, LONGEST_PAUSE, Result, start
from autograder.suites.limits import within
from autograder.suites.messages import First, is_reply, is_request

MANY = 200
SILENCE = 14.0  # seconds
BUSIEST = 50  # requests a second by a clerk that has no answer


@points(4)
async def test_lost_request(cluster: Cluster) -> None:
    """A put whose request was lost, however often, is done at last, and that is no Maybe."""
    store = await start(cluster)
    [clerk] = store.clerks
    for version, losses in enumerate((1, 2, 7)):
        with cluster.network.rule(First(losses, is_request)):
            await clerk.must_put("x", f"after {losses}", version)
        await clerk.must_get("x", f"after {losses}", version + 1)
    store.check()


@points(6)
async def test_lost_reply(cluster: Cluster) -> None:
    """A put that was done and whose reply was lost, however often, is a Maybe, and is done once."""
    store = await start(cluster)
    [clerk] = store.clerks
    for version, losses in enumerate((1, 2, 7)):
        with cluster.network.rule(First(losses, is_reply)):
            await clerk.must_put("x", f"after {losses}", version, Result.MAYBE)
        await clerk.must_get("x", f"after {losses}", version + 1)
    store.check()


@points(2)
async def test_lost_request_and_reply(cluster: Cluster) -> None:
    """A put whose first request was lost, and then the reply to the second, is a Maybe, done once."""
    store = await start(cluster)
    [clerk] = store.clerks
    cluster.network.rule(First(1, is_request))
    cluster.network.rule(First(1, is_reply))
    await clerk.must_put("x", "a", 0, Result.MAYBE)
    await clerk.must_get("x", "a", 1)
    store.check()


@points(3)
async def test_lost_get(cluster: Cluster) -> None:
    """A get whose requests or replies were lost gives what is stored, or that there is nothing."""
    store = await start(cluster)
    [clerk] = store.clerks
    for version, fits in enumerate((is_request, is_reply) * 2):
        with cluster.network.rule(First(3, fits)):
            await clerk.must_miss("y")
        await clerk.must_put("x", str(version), version)
        with cluster.network.rule(First(2, fits)):
            await clerk.must_get("x", str(version), version + 1)
    store.check()


@points(4)
async def test_two_hundred_losses(cluster: Cluster) -> None:
    """A clerk that meets two hundred losses in a row goes on asking, at least every five seconds."""
    store = await start(cluster, clerks=2)
    getter, putter = store.clerks
    getter.patience = putter.patience = (MANY + 1) * LONGEST_PAUSE
    with cluster.network.rule(First(MANY, is_request)):
        await putter.must_put("x", "a", 0)
    with cluster.network.rule(First(MANY, is_reply)):
        await putter.must_put("x", "b", 1, Result.MAYBE)
    with cluster.network.rule(First(MANY, is_reply)):
        await getter.must_get("x", "b", 2)
    store.check()


@points(2)
async def test_silent_server_is_not_hammered(cluster: Cluster) -> None:
    """While the server is silent, a clerk sends at most fifty requests a second, and never gives up."""
    store = await start(cluster, clerks=2)
    getter, putter = store.clerks
    cut = cluster.network.isolate(store.server.id)
    get = asyncio.create_task(getter.must_miss("y"))
    put = asyncio.create_task(putter.must_put("x", "a", 0))
    await asyncio.sleep(SILENCE)
    for name in ("get", "put"):
        sent = store.requests(name) / SILENCE
        assert sent <= BUSIEST, f"a clerk without an answer sent {sent:.0f} requests a second"
    cut.remove()
    both = asyncio.gather(get, put)
    await within(ANSWER, both, "answers, once the server can be reached again")
    store.check()
