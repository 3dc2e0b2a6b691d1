"""The server over the storage, with clients."""

from __future__ import annotations

from autograder.checkers import VersionedStore
from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.marks import needs_processes
from autograder.suites.storage.service import service_in
from autograder.violation import assert_linearizable


@points(3)
async def test_concurrent_clients(cluster: Cluster) -> None:
    """Five clients that write the same keys see one store, and are soon done."""
    service = await service_in(cluster, clients=5)
    await service.work(rounds=40, within=2)
    assert_linearizable(cluster.history, VersionedStore)


@points(6)
@needs_processes
async def test_crashes_among_clients(cluster: Cluster) -> None:
    """Kills and losses of power, and a network that loses messages, show in no client's answers."""
    cluster.network.unreliable()
    service = await service_in(cluster, clients=4)
    await service.suffer(rounds=25, within=120)
    assert_linearizable(cluster.history, VersionedStore)
