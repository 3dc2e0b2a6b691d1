"""Locks over the student's own store; all others stand on one that the cluster serves."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.lock.rooms import END, Rooms, start_over

SERVER = "kv/server.py:KVServer"
CLERK = "kv/clerk.py:Clerk"


@points(3)
async def test_own_store(cluster: Cluster) -> None:
    """Over your own store, one client at a time holds the lock."""
    rooms = await start_over_own(cluster, clients=5)
    await rooms.all_visit("a", seconds=1.0)
    rooms.check()


@points(4)
async def test_own_store_and_an_unreliable_network(cluster: Cluster) -> None:
    """Over your own store and an unreliable network, one client at a time holds the lock."""
    rooms = await start_over_own(cluster, clients=5)
    rooms.patience = END
    cluster.network.unreliable()
    await rooms.all_visit("a", seconds=3.0)
    rooms.check()


async def start_over_own(cluster: Cluster, clients: int) -> Rooms:
    """Clients with locks over the store of lab kv."""
    server = await cluster.start(SERVER)
    return await start_over(cluster, server.id, CLERK, clients)
