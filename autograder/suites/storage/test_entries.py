"""What every storage does: the conformance checks, one by one."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.storage import conformance
from autograder.suites.storage.in_node import storage_in


@points(3)
async def test_puts_and_gets(cluster: Cluster) -> None:
    """A put of version 0 creates a key, and each put with the stored version adds one to it."""
    await conformance.puts_and_gets(await storage_in(cluster))


@points(4)
async def test_wrong_versions(cluster: Cluster) -> None:
    """A put of another version than the stored one is refused, and so is a key that is not there."""
    await conformance.wrong_versions(await storage_in(cluster))


@points(3)
async def test_any_text(cluster: Cluster) -> None:
    """Every text is a key and a value, the empty one too, however long, and no two are the same."""
    await conformance.any_text(await storage_in(cluster))
    await conformance.long_keys(await storage_in(cluster))


@points(4)
async def test_items(cluster: Cluster) -> None:
    """The items are those whose key begins with the prefix, in the order of their keys."""
    await conformance.order_of_items(await storage_in(cluster))
    await conformance.items_by_prefix(await storage_in(cluster))


@points(3)
async def test_large_values_and_many_keys(cluster: Cluster) -> None:
    """A value may have a mebibyte, and there may be hundreds of keys."""
    await conformance.large_values(await storage_in(cluster))
    await conformance.many_keys(await storage_in(cluster))


@points(5)
async def test_opened_again(cluster: Cluster) -> None:
    """What was put is there when the storage is made anew, with its version."""
    await conformance.opened_again(await storage_in(cluster))
    await conformance.like_a_dictionary(await storage_in(cluster))


@points(4)
async def test_used_by_one(cluster: Cluster) -> None:
    """While one storage uses a disk, another that is made on it raises `Unavailable`."""
    await conformance.used_by_one(await storage_in(cluster))
