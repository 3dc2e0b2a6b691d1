"""How fast a store is at least, and how many requests it takes."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.kv.store import Clerk, Result, start

OPERATIONS = 100
SLOWEST = 200  # operations a second of one clerk while nothing is lost: each takes some 0.7 ms
SECONDS = 20.0
SLOWEST_UNRELIABLE = 1.5  # operations a second of one clerk on an unreliable network


@points(1)
async def test_one_request_is_enough(cluster: Cluster) -> None:
    """While nothing is lost, a get takes one request and a put takes one."""
    store = await start(cluster, clerks=3)
    for version in range(OPERATIONS):
        clerk = store.clerks[version % 3]
        await clerk.must_put("x", str(version), version)
        await clerk.must_get("x", str(version), version + 1)
    gets, puts = store.requests("get"), store.requests("put")
    assert gets <= OPERATIONS, f"{OPERATIONS} gets took {gets} requests"
    assert puts <= OPERATIONS, f"{OPERATIONS} puts took {puts} requests"
    store.check()


@points(1)
async def test_pace(cluster: Cluster) -> None:
    """While nothing is lost, a clerk does 200 operations a second one after another."""
    store = await start(cluster)
    [clerk] = store.clerks
    begin = cluster.now
    for version in range(OPERATIONS):
        await clerk.must_put("x", str(version), version)
        await clerk.must_get("x", str(version), version + 1)
    taken = cluster.now - begin
    assert taken * SLOWEST <= 2 * OPERATIONS, (
        f"{2 * OPERATIONS} operations took {taken:.1f} s, and none of their messages was lost"
    )


@points(1)
async def test_pace_on_an_unreliable_network(cluster: Cluster) -> None:
    """On an unreliable network, a clerk does three operations in two seconds."""
    store = await start(cluster, clerks=2)
    cluster.network.unreliable()
    done = sum(await asyncio.gather(*(count(cluster, clerk) for clerk in store.clerks)))
    least = SECONDS * SLOWEST_UNRELIABLE * len(store.clerks)
    assert done >= least, f"{len(store.clerks)} clerks did {done} operations in {SECONDS:g} s"
    store.check()


async def count(cluster: Cluster, clerk: Clerk) -> int:
    """How many operations a clerk does in twenty seconds."""
    done, end = 0, cluster.now + SECONDS
    while cluster.now < end:
        version = done // 2
        await clerk.must_put(clerk.id, "a", version, Result.DONE, Result.MAYBE)
        await clerk.must_get(clerk.id, "a", version + 1)
        done += 2
    return done
