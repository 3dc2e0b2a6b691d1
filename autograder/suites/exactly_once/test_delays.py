"""Messages and nodes that are slow."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster, rules
from autograder.points import points
from autograder.suites.exactly_once.appends import unique
from autograder.suites.exactly_once.store import Clerk, each, start

OPERATIONS = 300
QUICK = 3.0  # seconds that they may take, one after another: ten times what they need


@points(2)
async def test_quick(cluster: Cluster) -> None:
    """An operation takes no longer than its messages do."""
    store = await start(cluster)
    (clerk,) = store.clerks
    began = cluster.now
    for n in range(OPERATIONS // 2):
        await clerk.put("k", str(n))
        await clerk.get("k")
    took = cluster.now - began
    assert took <= QUICK, f"{OPERATIONS} operations took {took:.1f} s, and may take {QUICK:g} s"


@points(2)
async def test_late_answers(cluster: Cluster) -> None:
    """An answer that comes when its request has been sent again answers nothing else."""
    cluster.network.rule(rules.duplicate(0.3, within=3))
    cluster.network.long_reordering()
    store = await start(cluster, 3)

    async def work(clerk: Clerk) -> None:
        for n in range(10):
            await clerk.append("k", unique(clerk.id, n))
            await clerk.get("k")

    await each(store.clerks, work)
    await store.check("k")


@points(1)
async def test_slow_server(cluster: Cluster) -> None:
    """A server that is slower than its clerks are patient does nothing twice."""
    store = await start(cluster, 3)
    cluster.slow(store.server, 2)

    async def work(clerk: Clerk) -> None:
        for n in range(5):
            await clerk.append("k", unique(clerk.id, n))

    await each(store.clerks, work)
    await store.check("k")


@points(2)
async def test_paused_server(cluster: Cluster) -> None:
    """A server that stood still for a minute does once what clerks have asked it for many times."""
    store = await start(cluster, 3)

    async def work(clerk: Clerk) -> None:
        for n in range(3):
            await clerk.append("k", unique(clerk.id, n))

    async with store.paused(store.server):
        under_way = asyncio.gather(*map(work, store.clerks))
        await asyncio.sleep(60)
    await under_way
    await store.check("k")


@points(1)
async def test_paused_clerk(cluster: Cluster) -> None:
    """A clerk that stood still for a minute goes on where it was."""
    store = await start(cluster, 2)
    ours, other = store.clerks
    with store.cut_answers(ours):
        append = asyncio.ensure_future(ours.must_append("k", "a", old=""))
        await store.until_there(other, "k", "a")
        await cluster.pause(ours.member)
    await other.must_append("k", "b", old="a")
    await asyncio.sleep(60)
    await cluster.resume(ours.member)
    await append
    await ours.must_append("k", "c", old="ab")
