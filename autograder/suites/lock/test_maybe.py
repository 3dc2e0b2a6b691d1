"""Locks over a store that says Maybe: at any put, whether it was done or refused."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster, rules
from autograder.points import points
from autograder.suites.limits import within
from autograder.suites.lock.rooms import Client, start
from autograder.suites.lock.store import (
    Answer,
    Asked,
    Policy,
    Put,
    Store,
    always_maybe,
    honest,
    unreliable,
)


@points(3)
async def test_one_client_and_an_unreliable_store(cluster: Cluster) -> None:
    """One client gets its lock again and again, although every third put is a Maybe."""
    rooms = await start(cluster, Store(cluster, unreliable(cluster.random)))
    cluster.network.rule(rules.delay(0.0, 0.02))
    await rooms.all_visit("a", seconds=4.0)
    rooms.check()


@points(8)
async def test_many_clients_and_an_unreliable_store(cluster: Cluster) -> None:
    """Of ten clients one at a time holds the lock, although every third put is a Maybe."""
    rooms = await start(cluster, Store(cluster, unreliable(cluster.random)), clients=10)
    cluster.network.rule(rules.delay(0.0, 0.02))
    await rooms.all_visit("a", seconds=2.0)
    rooms.check()


@points(5)
async def test_every_put_is_a_maybe(cluster: Cluster) -> None:
    """Of five clients one at a time holds the lock, although every put is a Maybe."""
    rooms = await start(cluster, Store(cluster, always_maybe), clients=5)
    await rooms.all_visit("a", seconds=1.0)
    rooms.check()


@points(6)
async def test_acquire_was_done(cluster: Cluster) -> None:
    """A client whose put was a Maybe, and was done, has the lock, and can release it."""
    store = Store(cluster, always_maybe)
    rooms = await start(cluster, store, clients=2)
    one, two = rooms.clients
    await rooms.must_enter(one, "a")
    store.policy = honest
    entering = await rooms.must_wait(two, "a", 1.0)
    await rooms.leave(one, "a")
    await rooms.must_get(two, "a", entering)
    rooms.check()


@points(6)
async def test_acquire_was_refused(cluster: Cluster) -> None:
    """Of clients that try at the same moment one gets the lock, although all are told Maybe."""
    store = Store(cluster, lambda asked: Answer(maybe=True, late=0.1))
    rooms = await start(cluster, store, clients=4)
    entering = {asyncio.create_task(rooms.visit(c, "a", seconds=1.0)) for c in rooms.clients}
    await within(20, asyncio.gather(*entering), rooms.who_waits)
    rooms.check()


@points(6)
async def test_release_was_done(cluster: Cluster) -> None:
    """A lock whose release was a Maybe, and was done, is free for all, also for who released it."""
    store = Store(cluster)
    rooms = await start(cluster, store, clients=2)
    one, two = rooms.clients
    for client in (one, one, two, one):
        await rooms.must_enter(client, "a")
        store.policy = always_maybe
        await rooms.leave(client, "a")
        store.policy = honest
    rooms.check()


@points(6)
async def test_release_is_late(cluster: Cluster) -> None:
    """Who is told Maybe of a release when another has the lock already lets the other keep it."""
    store = Store(cluster)
    rooms = await start(cluster, store, clients=3, processes=3)
    one, two, three = rooms.clients
    await rooms.must_enter(one, "a")
    entering = await rooms.must_wait(two, "a", 0.5)
    store.policy = late_for(one)
    leaving = asyncio.create_task(rooms.leave(one, "a"))
    await rooms.must_get(two, "a", entering)
    await leaving
    store.policy = honest
    entering = await rooms.must_wait(three, "a", 1.0)
    await rooms.leave(two, "a")
    await rooms.must_get(three, "a", entering)
    rooms.check()


def late_for(client: Client) -> Policy:
    """Say Maybe of every put of one client, a second late."""

    def policy(asked: Asked) -> Answer:
        own = asked.client == client.member.id and isinstance(asked.request, Put)
        return Answer(maybe=True, late=1.0) if own else Answer()

    return policy
