"""Holders that die, or stand still until their lease is another's."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.lease.holders import OVER, SECONDS, start
from autograder.suites.lock.store import Store


@points(10)
async def test_killed_holder(cluster: Cluster) -> None:
    """When a holder was killed, a client that waits gets its lease when the time is over, not before."""
    holders = await start(cluster, Store(cluster), clients=3, processes=3)
    one, two, three = holders.clients
    await holders.must_acquire(one, "a")
    end = cluster.now + SECONDS
    await cluster.crash(one.member)
    waiting = await holders.must_wait(two, "a", end - 0.1)
    await holders.must_get(waiting, two, OVER)
    await cluster.crash(two.member)
    await holders.must_acquire(three, "a", OVER)
    assert await holders.use(three, "a"), f"the token of {three.id}, the holder, was refused"


@points(10)
async def test_late_holder(cluster: Cluster) -> None:
    """A holder that stands still for longer than its lease finds its token refused afterwards."""
    holders = await start(cluster, Store(cluster), clients=2)
    one, two = holders.clients
    await holders.must_acquire(one, "a")
    assert await holders.use(one, "a"), f"the token of {one.id}, the holder, was refused"
    await cluster.pause(one.member)
    await holders.must_acquire(two, "a", OVER)
    assert await holders.use(two, "a"), f"the token of {two.id}, the holder, was refused"
    await cluster.resume(one.member)
    let = await holders.use(one, "a")
    assert not let, f"{one.id} lost its lease to {two.id}, and its old token was let through"


@points(8)
async def test_late_release(cluster: Cluster) -> None:
    """Who has lost a lease and releases it takes nothing from the client that has it now."""
    holders = await start(cluster, Store(cluster), clients=3, processes=3)
    one, two, three = holders.clients
    await holders.must_acquire(one, "a")
    await cluster.pause(one.member)
    await holders.must_acquire(two, "a", OVER)
    await cluster.resume(one.member)
    await holders.release(one, "a")
    waiting = await holders.must_wait(three, "a", cluster.now + 2)
    assert await holders.use(two, "a"), f"the token of {two.id}, the holder, was refused"
    await holders.release(two, "a")
    await holders.must_get(waiting, three)


@points(5)
async def test_lost_and_acquired_again(cluster: Cluster) -> None:
    """Who has lost a lease and acquires it again waits for it, and gets a new token."""
    holders = await start(cluster, Store(cluster), clients=2)
    one, two = holders.clients
    await holders.must_acquire(one, "a")
    await cluster.pause(one.member)
    await holders.must_acquire(two, "a", OVER)
    await cluster.resume(one.member)
    waiting = await holders.must_wait(one, "a", cluster.now + 2)
    await holders.release(two, "a")
    await holders.must_get(waiting, one)
    assert await holders.use(one, "a"), f"the token of {one.id}, the holder, was refused"


@points(7)
async def test_new_hold_of_the_same_client(cluster: Cluster) -> None:
    """A client that acquires a lease again has it for its whole time, whoever saw the hold before."""
    holders = await start(cluster, Store(cluster), clients=2)
    one, two = holders.clients
    await holders.must_acquire(one, "a")
    waiting = await holders.must_wait(two, "a", cluster.now + 1)
    await cluster.pause(two.member)
    await asyncio.sleep(SECONDS - 3)
    await holders.release(one, "a")
    await holders.must_acquire(one, "a")
    end = cluster.now + SECONDS
    await cluster.resume(two.member)
    await holders.still_waits(waiting, two, end - 0.1)
    await cluster.crash(one.member)
    await holders.must_get(waiting, two, OVER)
