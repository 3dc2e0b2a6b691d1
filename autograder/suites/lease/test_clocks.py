"""Calendars that jump: what is measured by them is no time."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.lease.holders import OVER, SECONDS, start
from autograder.suites.lock.store import Store

DAY = 86_400.0  # seconds


@points(7)
async def test_calendar_jumps_forward(cluster: Cluster) -> None:
    """A lease is kept for its time although the calendar of one who waits jumps a day ahead, twice."""
    holders = await start(cluster, Store(cluster), clients=2)
    one, two = holders.clients
    cluster.jump_calendar(two.member, DAY)
    await holders.must_acquire(one, "a")
    end = cluster.now + SECONDS
    waiting = await holders.must_wait(two, "a", cluster.now + 2)
    cluster.jump_calendar(two.member, DAY)
    await holders.still_waits(waiting, two, end - 6)
    cluster.jump_calendar(one.member, DAY)
    await holders.release(one, "a")
    await holders.must_get(waiting, two)


@points(5)
async def test_calendar_jumps_back(cluster: Cluster) -> None:
    """A lease whose holder was killed runs out although the calendar of one who waits jumps back a day."""
    holders = await start(cluster, Store(cluster), clients=2)
    one, two = holders.clients
    await holders.must_acquire(one, "a")
    await cluster.crash(one.member)
    waiting = await holders.must_wait(two, "a", cluster.now + 2)
    cluster.jump_calendar(two.member, -DAY)
    await holders.must_get(waiting, two, OVER)
