"""Requests that come twice: at once, later, much later."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster, rules
from autograder.points import points
from autograder.suites.exactly_once.appends import unique
from autograder.suites.exactly_once.store import Clerk, each, start
from autograder.suites.marks import needs_virtual_time

HALF_AN_HOUR = 1_800.0  # seconds


@points(4)
async def test_copies_at_once(cluster: Cluster) -> None:
    """Two copies of a request that arrive together are one operation, and one answer."""
    store = await start(cluster, 4)
    with store.late_copies(0):
        for n in range(4):
            await store.at_once(clerk.append("k", unique(clerk.id, n)) for clerk in store.clerks)
        await store.at_once(clerk.append(clerk.id, "a") for clerk in store.clerks)
    for clerk in store.clerks:
        await clerk.must_get(clerk.id, "a")
    await store.check("k")


@points(4)
async def test_copies_after_later_operations(cluster: Cluster) -> None:
    """An old copy that comes after later operations of its clerk changes nothing."""
    store = await start(cluster, 2)
    ours, other = store.clerks
    with store.late_copies(5):
        await ours.put("k", "a")
        await ours.must_append("k", "b", old="a")
        await ours.must_append("k", "c", old="ab")
    await ours.put("k", "d")
    await asyncio.sleep(4.9)
    await ours.must_append("k", "e", old="d")
    await asyncio.sleep(1)
    await other.must_get("k", "de")
    await ours.must_append("k", "f", old="de")


@points(4)
async def test_copies_after_other_clerks(cluster: Cluster) -> None:
    """An old copy that comes after puts and gets of other clerks, and a get of its own, changes nothing."""
    store = await start(cluster, 3)
    ours, other, third = store.clerks
    with store.late_copies(5):
        await ours.put("k", "ours")
    await other.put("k", "other")
    await third.must_append("k", "!", old="other")
    await ours.must_get("k", "other!")
    await asyncio.sleep(6)
    for clerk in store.clerks:
        await clerk.must_get("k", "other!")


@points(2)
@needs_virtual_time
async def test_copies_half_an_hour_late(cluster: Cluster) -> None:
    """An old copy changes nothing however late it comes."""
    store = await start(cluster, 2)
    ours, other = store.clerks
    with store.late_copies(HALF_AN_HOUR):
        await ours.put("k", "ours")
        await ours.put("j", "ours")
    await other.put("k", "other")
    await other.put("j", "other")
    await asyncio.sleep(HALF_AN_HOUR + 1)
    await other.must_get("k", "other")
    await other.must_get("j", "other")


@points(2)
async def test_copies_after_a_thousand_clerks(cluster: Cluster) -> None:
    """An old copy changes nothing although a thousand other clerks have been there meanwhile."""
    store = await start(cluster, 1_001)
    ours, *others = store.clerks
    with store.late_copies(5):
        await ours.put("k", "ours")
    await store.at_once(clerk.put("k", "others") for clerk in others)
    await asyncio.sleep(6)
    await ours.must_get("k", "others")


@points(4)
async def test_everything_twice(cluster: Cluster) -> None:
    """Each append is done once although requests and answers are doubled, lost, late, and out of order."""
    cluster.network.unreliable()
    cluster.network.rule(rules.duplicate(0.4, within=3))
    store = await start(cluster, 5)

    async def work(clerk: Clerk) -> None:
        for n in range(12):
            await clerk.append("k", unique(clerk.id, n))

    await each(store.clerks, work)
    await asyncio.sleep(4)
    await store.check("k")
