"""Who asks: clerks that share a process, clerks that share nothing, clerks that are gone."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster, rules
from autograder.cluster.sessions import SessionLost
from autograder.points import points
from autograder.suites.exactly_once.appends import unique
from autograder.suites.exactly_once.store import Clerk, each, start


@points(4)
async def test_clerks_of_one_process(cluster: Cluster) -> None:
    """Two clerks of one process are two clients."""
    store = await start(cluster, 2, processes=1)
    for n in range(3):
        for clerk in store.clerks:
            await clerk.put("k", f"{clerk.id} {n}")
            await clerk.must_append("k", "!", old=f"{clerk.id} {n}")
    await store.check()


@points(4)
async def test_clerks_of_two_processes(cluster: Cluster) -> None:
    """The clerks of two processes that start at the same time are two clients."""
    store = await start(cluster, 2, processes=2)
    for n in range(3):
        for clerk in store.clerks:
            await clerk.put("k", f"{clerk.id} {n}")
            await clerk.must_append("k", "!", old=f"{clerk.id} {n}")
    await store.check()


@points(2)
async def test_clerk_of_a_restarted_process(cluster: Cluster) -> None:
    """A process that is started again has new clients: nobody takes them for the old ones."""
    store = await start(cluster, 1)
    (clerk,) = store.clerks
    for n in range(3):
        await clerk.put("k", str(n))
        await clerk.must_append("k", "!", old=str(n))
        await cluster.restart(clerk.member)
    await store.check()


@points(3)
async def test_killed_clerks(cluster: Cluster) -> None:
    """What a clerk asked for when it was killed is done once or never, and the others go on."""
    store = await start(cluster, 4, processes=4)
    cluster.network.unreliable()
    cluster.network.rule(rules.duplicate(0.5, within=2))

    async def work(clerk: Clerk) -> None:
        try:
            for n in range(15):
                await clerk.append("k", unique(clerk.id, n))
        except SessionLost:
            pass

    async def kill(clerk: Clerk) -> None:
        await asyncio.sleep(cluster.random.uniform(0.05, 0.5))
        await cluster.crash(clerk.member)

    await asyncio.gather(each(store.clerks, work), each(store.clerks[:2], kill))
    await asyncio.sleep(3)
    await store.check("k")


@points(2)
async def test_last_request_of_a_killed_clerk(cluster: Cluster) -> None:
    """A copy of the last request of a clerk that is gone comes late, and changes nothing."""
    store = await start(cluster, 2)
    ours, other = store.clerks
    with store.late_copies(5):
        await ours.put("k", "ours")
    await cluster.crash(ours.member)
    await other.put("k", "other")
    await asyncio.sleep(6)
    await other.must_get("k", "other")
