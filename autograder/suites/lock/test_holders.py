"""Clients that hold a lock for long, die with it, or release what is not theirs."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.lock.rooms import start
from autograder.suites.lock.store import Store, always_maybe

LONG = 30.0  # seconds


@points(4)
async def test_long_hold(cluster: Cluster) -> None:
    """A lock is kept for long, also by a client that stands still; when it is released, others get it."""
    rooms = await start(cluster, Store(cluster), clients=2, processes=2)
    one, two = rooms.clients
    await rooms.must_enter(one, "a")
    await cluster.pause(one.member)
    entering = await rooms.must_wait(two, "a", LONG)
    await cluster.resume(one.member)
    await rooms.leave(one, "a")
    await rooms.must_get(two, "a", entering)
    rooms.check()


@points(5)
async def test_killed_holder(cluster: Cluster) -> None:
    """Nobody gets the lock of a client that was killed: nobody knows that it is not just slow."""
    rooms = await start(cluster, Store(cluster), clients=2, processes=2)
    one, two = rooms.clients
    await rooms.must_enter(one, "a")
    await cluster.crash(one.member)
    await rooms.must_wait(two, "a", LONG)
    rooms.check()


@points(2)
async def test_killed_after_the_release(cluster: Cluster) -> None:
    """A lock whose release has returned is free, also if its holder is killed a moment later."""
    rooms = await start(cluster, Store(cluster), clients=2, processes=2)
    one, two = rooms.clients
    await rooms.must_enter(one, "a")
    await rooms.leave(one, "a")
    await cluster.crash(one.member)
    await rooms.must_enter(two, "a")
    rooms.check()


@points(5)
async def test_release_by_another(cluster: Cluster) -> None:
    """The release of a lock that one does not hold does nothing, whoever holds it."""
    rooms = await start(cluster, Store(cluster), clients=3)
    one, two, three = rooms.clients
    for client in (two, three):
        await rooms.must_release(client, "a")
    await rooms.must_enter(one, "a")
    for client in (two, three):
        await rooms.must_release(client, "a")
    entering = await rooms.must_wait(two, "a", 0.5)
    await rooms.leave(one, "a")
    await rooms.must_get(two, "a", entering)
    await rooms.leave(two, "a")
    await rooms.must_enter(three, "a")


@points(4)
async def test_release_twice(cluster: Cluster) -> None:
    """Who releases a lock a second time does not release the hold of whoever has it by then."""
    store = Store(cluster)
    rooms = await start(cluster, store, clients=3)
    one, two, three = rooms.clients
    for policy in (store.policy, always_maybe):
        store.policy = policy
        await rooms.must_enter(one, "a")
        await rooms.leave(one, "a")
        await rooms.must_enter(two, "a")
        await rooms.must_release(one, "a")
        entering = await rooms.must_wait(three, "a", 0.5)
        await rooms.leave(two, "a")
        await rooms.must_get(three, "a", entering)
        await rooms.leave(three, "a")
