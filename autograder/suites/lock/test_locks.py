"""Locks over a store that tells the truth: who gets one, and when."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.limits import within
from autograder.suites.lock.rooms import Client, Rooms, start
from autograder.suites.lock.store import Store

NAMES = (
    "b",
    "",
    " ",
    "a ",
    " a",
    "A",
    "aa",
    "a/b",
    "a:b",
    "lock",
    "0",
    "\xe1",
    "a\u0301",
    "a\n",
    '"a"',
)


@points(4)
async def test_acquire_and_release(cluster: Cluster) -> None:
    """A lock that is free is acquired, and one that was released can be acquired again."""
    rooms = await start(cluster, Store(cluster), clients=2)
    one, two = rooms.clients
    for client in (one, two, two, one):
        await rooms.must_enter(client, "a")
        await rooms.leave(client, "a")
    rooms.check()


@points(3)
async def test_one_client(cluster: Cluster) -> None:
    """One client acquires and releases a lock again and again."""
    rooms = await start(cluster, Store(cluster))
    times = await rooms.all_visit("a", seconds=2.0)
    assert times >= 20, f"it got the lock {times} times in 2 s, and nobody else wanted it"
    rooms.check()


@points(9)
async def test_many_clients(cluster: Cluster) -> None:
    """Of ten clients, one at a time holds the lock."""
    rooms = await start(cluster, Store(cluster), clients=10)
    await rooms.all_visit("a", seconds=1.5)
    rooms.check()


@points(5)
async def test_nested(cluster: Cluster) -> None:
    """A client can hold two locks at once, and lets go of the one that it releases alone."""
    rooms = await start(cluster, Store(cluster), clients=4)
    one, two = rooms.clients[:2]
    await rooms.must_enter(one, "a")
    await rooms.must_enter(one, "b")
    entering = await rooms.must_wait(two, "a", 0.5)
    await rooms.leave(one, "b")
    await asyncio.sleep(0.5)
    assert not entering.done(), f"{two.id} got 'a', although {one.id} released only 'b'"
    await rooms.leave(one, "a")
    await rooms.must_get(two, "a", entering)
    await rooms.leave(two, "a")
    both = (visit_both(rooms, client) for client in rooms.clients)
    await within(10, asyncio.gather(*both), rooms.who_waits)
    rooms.check()


async def visit_both(rooms: Rooms, client: Client) -> None:
    """Hold a and b at once, a few times."""
    for _ in range(5):
        await rooms.enter(client, "a")
        await rooms.visit(client, "b")
        await rooms.leave(client, "a")


@points(4)
async def test_names_are_independent(cluster: Cluster) -> None:
    """A lock that is held keeps nobody from locks with other names, however alike."""
    rooms = await start(cluster, Store(cluster), clients=3)
    one, two, three = rooms.clients
    await rooms.must_enter(one, "a")
    for name in NAMES:
        await rooms.must_enter(two, name)
    entering = await rooms.must_wait(three, "a", 0.5)
    for name in NAMES:
        await rooms.leave(two, name)
    assert not entering.done(), f"{three.id} got 'a' when {two.id} released other locks"
    await rooms.leave(one, "a")
    await rooms.must_get(three, "a", entering)
    rooms.check()
