"""Leases over a store that says Maybe of puts, done or refused."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster, rules
from autograder.points import points
from autograder.suites.lease.holders import SECONDS, start
from autograder.suites.limits import within
from autograder.suites.lock.store import Answer, Store, always_maybe, unreliable


@points(6)
async def test_every_put_is_a_maybe(cluster: Cluster) -> None:
    """Of four clients one at a time has the lease, although every put is a Maybe."""
    holders = await start(cluster, Store(cluster, always_maybe), clients=4)
    await holders.all_visit("a", 1.0)


@points(6)
async def test_unreliable_store(cluster: Cluster) -> None:
    """Of four clients one at a time has the lease, although messages are late and many puts a Maybe."""
    holders = await start(cluster, Store(cluster, unreliable(cluster.random)), clients=4)
    cluster.network.rule(rules.delay(0.0, 0.02))
    await holders.all_visit("a", 2.0)


@points(6)
async def test_many_want_a_lost_lease(cluster: Cluster) -> None:
    """Of four who find almost at once that a lease has run out, and are told Maybe, one gets it."""
    store = Store(cluster)
    holders = await start(cluster, store, clients=5, processes=5)
    one, *others = holders.clients
    await holders.must_acquire(one, "a")
    await cluster.crash(one.member)
    store.policy = lambda asked: Answer(maybe=True, late=0.2)
    visits = []
    for each in others:
        visits.append(asyncio.create_task(holders.visit(each, "a", seconds=1.0)))
        await asyncio.sleep(0.1)
    what = "each of the four has had the lease of the killed holder"
    await within(6 * SECONDS, asyncio.gather(*visits), what)
