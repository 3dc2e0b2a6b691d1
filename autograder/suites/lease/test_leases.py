"""Leases that are released in time: like locks, but with tokens."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.lease.holders import start
from autograder.suites.lock.store import Store

BUSIEST = 100  # requests a second by one client that waits


@points(6)
async def test_acquire_and_release(cluster: Cluster) -> None:
    """A lease that was released is free at once, and each holder's token is higher than the last."""
    holders = await start(cluster, Store(cluster), clients=3)
    one, two, three = holders.clients
    for client in (one, two, two, three, one):
        await holders.must_acquire(client, "a")
        assert await holders.use(client, "a"), f"the token of {client.id}, the holder, was refused"
        await holders.release(client, "a")


@points(10)
async def test_many_clients(cluster: Cluster) -> None:
    """Of six clients that release their leases in time, one at a time has it."""
    holders = await start(cluster, Store(cluster), clients=6)
    await holders.all_visit("a", 1.5)


@points(4)
async def test_names_are_independent(cluster: Cluster) -> None:
    """A lease that is held keeps nobody from leases with other names."""
    holders = await start(cluster, Store(cluster), clients=3)
    one, two, three = holders.clients
    await holders.must_acquire(one, "a")
    waiting = await holders.must_wait(three, "a", cluster.now + 1)
    for name in ("b", "", "A", "a "):
        await holders.must_acquire(two, name)
        await holders.release(two, name)
    assert not waiting.done(), f"{three.id} got 'a' when {two.id} released other leases"
    await holders.release(one, "a")
    await holders.must_get(waiting, three)


@points(6)
async def test_release_by_another(cluster: Cluster) -> None:
    """The release of a lease that one does not have, or not any more, does nothing."""
    holders = await start(cluster, Store(cluster), clients=3)
    one, two, three = holders.clients
    await holders.release(two, "a")
    await holders.must_acquire(one, "a")
    await holders.release(two, "a")
    waiting = await holders.must_wait(three, "a", cluster.now + 1)
    await holders.release(one, "a")
    await holders.must_get(waiting, three)
    await holders.release(one, "a")
    waiting = await holders.must_wait(two, "a", cluster.now + 1)
    await holders.release(three, "a")
    await holders.must_get(waiting, two)


@points(4)
async def test_waiting_costs_little(cluster: Cluster) -> None:
    """A client that waits for a lease sends the store at most 100 requests a second."""
    store = Store(cluster)
    holders = await start(cluster, store, clients=2)
    one, two = holders.clients
    await holders.must_acquire(one, "a")
    before = len(store.asked)
    await holders.must_wait(two, "a", cluster.now + 4)
    sent = (len(store.asked) - before) / 4
    assert sent <= BUSIEST, f"a client that waited sent the store {sent:.0f} requests a second"
