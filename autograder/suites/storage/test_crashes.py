"""Kills and losses of power at every moment of a put, and of what follows a crash."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.marks import needs_processes
from autograder.suites.storage import crash_checks
from autograder.suites.storage.in_node import storage_in
from autograder.suites.storage.killing import Killer


@points(8)
async def test_killed_at_every_moment(cluster: Cluster) -> None:
    """At whatever moment a kill strikes, acknowledged puts are there, and the last whole or not."""
    await crash_checks.killed_at_every_moment(await storage_in(cluster), cluster.random)


@points(10)
async def test_power_lost_at_every_moment(cluster: Cluster) -> None:
    """At whatever moment the power is lost, acknowledged puts are there, and the last whole or not."""
    await crash_checks.power_lost_at_every_moment(await storage_in(cluster), cluster.random)


@points(5)
async def test_power_lost_while_it_opens(cluster: Cluster) -> None:
    """If the power is lost again while the storage is made anew after a crash, nothing else is lost."""
    await crash_checks.power_lost_while_it_opens(await storage_in(cluster), cluster.random)


@points(5)
async def test_what_was_read_stays(cluster: Cluster) -> None:
    """What was read after a kill, of a put without an answer, no loss of power takes back."""
    await crash_checks.what_was_read_stays(await storage_in(cluster), cluster.random)


@points(6)
@needs_processes
async def test_killed_again_and_again(cluster: Cluster) -> None:
    """A hundred kills and losses of power, at one operation of the disk after another, lose nothing."""
    killer = Killer(cluster, await storage_in(cluster))
    for n in range(120):
        await killer.strike(operations=n % 12, power=cluster.random.random() < 0.5)
    killer.check_leftovers()
