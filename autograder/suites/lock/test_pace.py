"""How fast a lock changes hands, and what waiting for it costs the store."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.lock.rooms import start
from autograder.suites.lock.store import Store

SECONDS = 2.0
SLOWEST = 5  # visits a second by ten clients together; one takes 10 ms
HOLD = 2.0  # seconds
BUSIEST = 200  # requests a second by one client that waits


@points(4)
async def test_pace(cluster: Cluster) -> None:
    """Ten clients that hold the lock for 10 ms each get it five times a second between them."""
    rooms = await start(cluster, Store(cluster), clients=10)
    times = await rooms.all_visit("a", SECONDS)
    assert times >= SECONDS * SLOWEST, (
        f"ten clients got the lock {times} times in {SECONDS:g} s; {rooms.longest_wait()}"
    )
    rooms.check()
    print(f"{times / SECONDS:.0f} visits a second; {rooms.longest_wait()}")


@points(4)
async def test_waiting_costs_little(cluster: Cluster) -> None:
    """A client that waits for a lock sends the store at most 200 requests a second."""
    store = Store(cluster)
    rooms = await start(cluster, store, clients=4)
    one, *others = rooms.clients
    await rooms.must_enter(one, "a")
    before = len(store.asked)
    waiting = [asyncio.create_task(rooms.must_wait(other, "a", HOLD)) for other in others]
    await asyncio.sleep(HOLD)
    sent = (len(store.asked) - before) / HOLD / len(others)
    assert sent <= BUSIEST, f"each client that waited sent the store {sent:.0f} requests a second"
    await asyncio.gather(*waiting)
