"""When a clerk may say Maybe: of a put that it sent again, and of no other."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.cluster.trace import Message
from autograder.points import points
from autograder.suites.kv.store import ANSWER, Result, start
from autograder.suites.limits import within
from autograder.suites.messages import First, is_reply, is_request


@points(4)
async def test_lost_refusal(cluster: Cluster) -> None:
    """A put that was refused and whose reply was lost is a Maybe: it might as well have been done."""
    store = await start(cluster)
    [clerk] = store.clerks
    await clerk.must_put("x", "a", 0)
    for version in (0, 2):
        with cluster.network.rule(First(1, is_reply)):
            await clerk.must_put("x", "b", version, Result.MAYBE)
        await clerk.must_get("x", "a", 1)
    store.check()


@points(4)
async def test_overtaken_put(cluster: Cluster) -> None:
    """A put whose request was lost, and was overtaken before the next, is a Maybe, and is not done."""
    store = await start(cluster, clerks=2)
    one, two = store.clerks
    await two.must_put("x", "old", 0)
    lost = First(1, is_request)
    cluster.network.rule(lost)
    put = asyncio.create_task(one.must_put("x", "mine", 1, Result.MAYBE))
    await within(ANSWER, lost.reached.wait(), f"{one.id} has sent a request")
    await two.must_put("x", "theirs", 1)
    await put
    await one.must_get("x", "theirs", 2)
    store.check()


@points(2)
async def test_missing_key_at_a_retry(cluster: Cluster) -> None:
    """A put of a missing key that is sent again raises KeyDoesNotExist or Maybe, and creates nothing."""
    store = await start(cluster)
    [clerk] = store.clerks
    await clerk.must_put("x", "a", 1, Result.MISSING)
    for fits in (is_request, is_reply):
        with cluster.network.rule(First(2, fits)):
            await clerk.must_put("x", "a", 1, Result.MISSING, Result.MAYBE)
        await clerk.must_miss("x")
    await clerk.must_put("x", "a", 0)
    store.check()


@points(3)
async def test_doubt_ends_with_its_put(cluster: Cluster) -> None:
    """After a put that was sent again, the next one is refused plainly if its first request is."""
    store = await start(cluster)
    [clerk] = store.clerks
    with cluster.network.rule(First(2, is_reply)):
        await clerk.must_put("x", "a", 0, Result.MAYBE)
    await clerk.must_put("x", "b", 0, Result.REFUSED)
    with cluster.network.rule(First(2, is_request)):
        await clerk.must_get("x", "a", 1)
    await clerk.must_put("x", "b", 2, Result.REFUSED)
    await clerk.must_put("y", "b", 2, Result.MISSING)
    store.check()


@points(3)
async def test_clerks_of_one_node_are_apart(cluster: Cluster) -> None:
    """What one clerk of a node meets says nothing about the operations of its other clerks."""
    store = await start(cluster, clerks=3, processes=1)
    one, two, three = store.clerks
    await three.must_put("y", "a", 0)
    cluster.network.rule(First(4, asks_for_x), what="the next 4 puts of x are lost")
    puts = [asyncio.create_task(clerk.put("x", clerk.id, 0)) for clerk in (one, two)]
    while not all(put.done() for put in puts):
        await three.must_put("y", "b", 0, Result.REFUSED)
        await three.must_get("y", "a", 1)
        await asyncio.sleep(0.02)
    results = sorted(put.result().value for put in puts)
    right = sorted(each.value for each in (Result.DONE, Result.MAYBE))
    assert results == right, f"two puts of one version, each sent again: {' and '.join(results)}"
    store.check()


def asks_for_x(message: Message) -> bool:
    """Whether a message is a put of the key x."""
    return message.type == "put" and b'"key":"x"' in bytes(message.line)
