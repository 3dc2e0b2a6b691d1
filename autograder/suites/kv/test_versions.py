"""What the store promises while nothing goes wrong: values, versions, and who wins a race."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.kv.store import Clerk, Result, start


@points(4)
async def test_put_and_get(cluster: Cluster) -> None:
    """A put of the right version is done, and makes the version one higher; a get gives both."""
    store = await start(cluster)
    [clerk] = store.clerks
    for version, value in enumerate(("a", "b", "b", "")):
        await clerk.must_put("x", value, version)
        await clerk.must_get("x", value, version + 1)
    store.check()


@points(4)
async def test_refused_put_changes_nothing(cluster: Cluster) -> None:
    """A put of any other version than the stored one is refused, and changes nothing."""
    store = await start(cluster)
    [clerk] = store.clerks
    await clerk.must_put("x", "a", 0)
    await clerk.must_put("x", "b", 1)
    for version in (0, 1, 3, 1_000, -1):
        await clerk.must_put("x", "c", version, Result.REFUSED)
        await clerk.must_get("x", "b", 2)
    store.check()


@points(3)
async def test_missing_key(cluster: Cluster) -> None:
    """A key that was never put is missing for a get and for a put; version 0 alone creates it."""
    store = await start(cluster)
    [clerk] = store.clerks
    for version in (1, 2, -1):
        await clerk.must_put("x", "a", version, Result.MISSING)
        await clerk.must_miss("x")
    await clerk.must_put("x", "a", 0)
    await clerk.must_get("x", "a", 1)
    store.check()


@points(3)
async def test_puts_of_others_are_seen(cluster: Cluster) -> None:
    """A get gives what was put last, whoever put it."""
    store = await start(cluster, clerks=4)
    for version in range(8):
        writer = store.clerks[version % 4]
        await writer.must_put("x", f"by {writer.id}", version)
        for clerk in store.clerks:
            await clerk.must_get("x", f"by {writer.id}", version + 1)
    store.check()


@points(6)
async def test_clients_race_on_one_key(cluster: Cluster) -> None:
    """Of all puts of one version of a key a single one is done: the version counts them."""
    store = await start(cluster, clerks=10)
    done = sum(await asyncio.gather(*(race(cluster, clerk, "x", 1.0) for clerk in store.clerks)))
    entry = await store.clerks[0].get("x")
    store.check()
    assert entry, "nothing was put within a second"
    assert entry.version == done, f"{done} puts were done, and the version is {entry.version}"


async def race(cluster: Cluster, clerk: Clerk, key: str, seconds: float) -> int:
    """Get and put again and again; how many of the puts were done."""
    done, end = 0, cluster.now + seconds
    while cluster.now < end:
        entry = await clerk.get(key)
        version = entry.version if entry else 0
        value = f"{clerk.id} at {cluster.now:.6f} s"
        result = await clerk.must_put(key, value, version, Result.DONE, Result.REFUSED)
        done += result is Result.DONE
        await asyncio.sleep(cluster.random.uniform(0, 0.03))
    return done
