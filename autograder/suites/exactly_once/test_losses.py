"""Requests that are lost, and answers that are lost."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.exactly_once.appends import unique
from autograder.suites.exactly_once.store import Clerk, each, start

AT_MOST = 5.0 + 0.5  # seconds that a lost message costs, and the try that is answered


@points(2)
async def test_lost_request(cluster: Cluster) -> None:
    """A clerk whose request is lost sends it again within five seconds."""
    store = await start(cluster)
    (clerk,) = store.clerks
    for n in range(3):
        store.lose_requests(1)
        await clerk.put("k", f"{n}", AT_MOST)
        store.lose_requests(1)
        await clerk.must_append("k", "!", f"{n}", AT_MOST)
        store.lose_requests(1)
        await clerk.must_get("k", f"{n}!", AT_MOST)


@points(5)
async def test_lost_answer_to_a_put(cluster: Cluster) -> None:
    """A put whose answers were lost is not done again after a put by another clerk."""
    store = await start(cluster, 2)
    ours, other = store.clerks
    with store.cut_answers(ours):
        put = asyncio.ensure_future(ours.put("k", "ours"))
        await store.until_there(other, "k", "ours")
        await other.put("k", "other")
    await put
    await other.must_get("k", "other")
    await store.check()


@points(6)
async def test_lost_answer_to_an_append(cluster: Cluster) -> None:
    """An append whose answers were lost is done once, and returns the value before it all the same."""
    store = await start(cluster, 2)
    ours, other = store.clerks
    await ours.put("k", "a")
    with store.cut_answers(ours):
        append = asyncio.ensure_future(ours.must_append("k", "b", old="a"))
        await store.until_there(other, "k", "ab")
        await other.must_append("k", "c", old="ab")
    await append
    await other.must_get("k", "abc")
    with store.cut_answers(ours):
        append = asyncio.ensure_future(ours.must_append("k", "d", old="abc"))
        await store.until_there(other, "k", "abcd")
        await other.put("k", "")
    await append
    await other.must_get("k", "")


@points(3)
async def test_two_hundred_losses(cluster: Cluster) -> None:
    """A clerk goes on asking after a hundred lost requests and a hundred lost answers in a row."""
    store = await start(cluster, 2)
    ours, other = store.clerks
    store.lose_requests(100)
    store.lose_answers(100)
    await ours.must_append("k", "a", old="", seconds=200 * AT_MOST)
    await other.must_get("k", "a")


@points(3)
async def test_one_way_cuts(cluster: Cluster) -> None:
    """Links that let requests through and no answers, or the other way round, double nothing."""
    store = await start(cluster, 3)

    async def work(clerk: Clerk) -> None:
        for n in range(15):
            await clerk.append("k", unique(clerk.id, n))

    async def cut() -> None:
        for n in range(12):
            with (store.cut_answers, store.cut_requests)[n % 2](*store.clerks):
                await asyncio.sleep(cluster.random.uniform(0.1, 1))
            await asyncio.sleep(cluster.random.uniform(0, 0.005))

    await asyncio.gather(each(store.clerks, work), cut())
    await store.check("k")


@points(4)
async def test_unreliable_network(cluster: Cluster) -> None:
    """Each operation of five clerks is done once although a tenth of all messages is lost."""
    cluster.network.unreliable()
    store = await start(cluster, 5)

    async def work(clerk: Clerk) -> None:
        for n in range(25):
            await clerk.append(clerk.id, unique(clerk.id, n))
            await clerk.get(clerk.id)

    await each(store.clerks, work)
    await store.check(*(clerk.id for clerk in store.clerks))


@points(4)
async def test_unreliable_network_one_key(cluster: Cluster) -> None:
    """Each append of five clerks to one key is in it once, in the order in which its clerk asked."""
    cluster.network.unreliable()
    store = await start(cluster, 5)

    async def work(clerk: Clerk) -> None:
        for n in range(25):
            await clerk.append("k", unique(clerk.id, n))

    await each(store.clerks, work)
    await store.check("k")
