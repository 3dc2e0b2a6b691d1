"""A network that loses, delays, reorders and duplicates, and that works one way only."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from autograder.cluster import Cluster, rules
from autograder.cluster.trace import Message
from autograder.points import points
from autograder.suites.kv.store import ANSWER, Result, start, wander
from autograder.suites.limits import within
from autograder.suites.messages import First, is_reply

ROUNDS = 100


@points(6)
async def test_unreliable_network(cluster: Cluster) -> None:
    """On an unreliable network a put that is done, or is a Maybe, is done exactly once."""
    store = await start(cluster)
    [clerk] = store.clerks
    cluster.network.unreliable()
    results = set()
    for version in range(ROUNDS):
        results.add(await clerk.must_put("x", str(version), version, Result.DONE, Result.MAYBE))
        await clerk.must_get("x", str(version), version + 1)
    store.check()
    lost = store.lost("put_ok")
    assert Result.MAYBE in results or not lost, (
        f"no put was a Maybe, although the replies to {lost} that were done were lost"
    )


@points(4)
async def test_unreliable_network_and_many_clients(cluster: Cluster) -> None:
    """On an unreliable network, what many clients are told fits one order of their operations."""
    store = await start(cluster, clerks=5)
    cluster.network.unreliable()
    await asyncio.gather(*(wander(cluster, clerk, 20) for clerk in store.clerks))
    store.check()


@points(3)
async def test_late_replies(cluster: Cluster) -> None:
    """What many clients are told fits one order although most replies are up to 2.4 s late."""
    store = await start(cluster, clerks=4)
    cluster.network.long_reordering()
    await asyncio.gather(*(wander(cluster, clerk, 10) for clerk in store.clerks))
    store.check()


@points(2)
async def test_reply_to_an_earlier_call(cluster: Cluster) -> None:
    """A reply that comes when its call is long over is not taken for the reply to another."""
    store = await start(cluster)
    [clerk] = store.clerks
    await clerk.must_put("x", "old", 0)
    late = First(1, lambda message: message.type == "get_ok", delays=(10.0,))
    cluster.network.rule(late, what="the next get_ok is 10 s late")
    await clerk.must_get("x", "old", 1)
    await clerk.must_put("x", "new", 1)
    await asyncio.sleep(9.9 - cluster.now)
    cluster.network.rule(rules.delay(0.0, 0.04), what="messages take up to 40 ms")
    while cluster.now < 10.1:
        await clerk.must_get("x", "new", 2)
    store.check()


@points(2)
async def test_duplicates(cluster: Cluster) -> None:
    """Gets and replies that come twice change nothing: every put of the right version is done."""
    store = await start(cluster, clerks=2)
    cluster.network.rule(twice, what="gets and replies come twice")
    for version in range(20):
        writer, reader = cluster.random.sample(store.clerks, 2)
        await writer.must_put("x", str(version), version)
        await writer.must_put("x", "refused", version, Result.REFUSED)
        await reader.must_get("x", str(version), version + 1)
    store.check()


@points(3)
async def test_server_hears_and_is_not_heard(cluster: Cluster) -> None:
    """A put is done once, and is a Maybe, if for three seconds all replies to its clerk are lost."""
    store = await start(cluster, clerks=2)
    one, two = store.clerks
    cut = cluster.network.cut({store.server.id}, {one.member.id})
    put = asyncio.create_task(one.must_put("x", "a", 0, Result.MAYBE))
    await asyncio.sleep(1)
    await two.must_get("x", "a", 1)
    await two.must_put("x", "b", 1)
    await asyncio.sleep(2)
    cut.remove()
    await within(ANSWER, put, f"an end of {one.id}'s put, once replies reach it")
    await one.must_get("x", "b", 2)
    store.check()


@points(2)
async def test_server_is_heard_and_does_not_hear(cluster: Cluster) -> None:
    """A put whose requests are lost for three seconds is done afterwards, if no other came first."""
    store = await start(cluster, clerks=2)
    one, two = store.clerks
    cut = cluster.network.cut({one.member.id}, {store.server.id})
    put = asyncio.create_task(one.must_put("x", "a", 0))
    await asyncio.sleep(3)
    await two.must_miss("x")
    cut.remove()
    await within(ANSWER, put, f"an end of {one.id}'s put, once it reaches the server")
    await two.must_get("x", "a", 1)
    store.check()


def twice(message: Message, random: Random) -> Sequence[float]:
    """Deliver gets and replies twice. A put comes once: this network promises as much."""
    if is_reply(message) or message.type == "get":
        return 0.0, random.uniform(0.0, 0.02)
    return rules.PASS
