"""Disks that are full, and disks that fail."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.cluster.disk import SimulatedDisk
from autograder.points import points
from autograder.suites.storage.conformance import (
    Entry,
    answer,
    error_of,
    expect,
    expect_items,
    put,
    refused,
)
from autograder.suites.storage.crashes import losses
from autograder.suites.storage.in_node import FAILED, InNode, storage_in
from autograder.suites.storage.json_file import FILE, content_of
from labs.node import RPCError, Unavailable

OLD, NEW = {"k": Entry("one", 1)}, {"k": Entry("two", 2)}


@points(6)
async def test_full(cluster: Cluster) -> None:
    """A put for which the disk has no room is `Unavailable`: nothing is changed, and others succeed."""
    store = await storage_in(cluster)
    disk = store.simulated
    await store.open()
    await store.put("k", "one", 0)
    before = content_of(disk)
    for capacity in range(len(before), len(before) + 5000, 163):
        disk.capacity = capacity
        await refused(store.put("k", "x" * 5000, 1), Unavailable, "a put that has no room")
        await expect_items(store, OLD)
        assert content_of(disk) == before, f"{FILE} was changed by a put that had no room"
    await put(store, "k", "two", 1)
    await expect(store, "k", "two", 2)
    await store.kill()
    found = await store.recover()
    assert found == NEW, f"after a kill, the storage holds {found}"


@points(4)
async def test_failing(cluster: Cluster) -> None:
    """A put in which the disk fails is an error, and what is known after it stays true in a crash."""
    store = await storage_in(cluster)
    disk = store.simulated
    for verb in ("create", "append", "fsync", "replace", "sync"):
        disk.become(SimulatedDisk())
        await store.open()
        await store.put("k", "one", 0)
        disk.failing = (verb,)
        error = await error_of(store.put("k", "two", 1))
        told = f"a put in which the disk fails to {verb} is {answer(error)}"
        read = await what_is_read(store)
        disk.failing = ()
        for left in losses(disk.copy(), cluster.random, 20):
            disk.become(left)
            found = await store.recover()
            assert found in possible(error, read), (
                f"{told}, then a get finds {read}, and when the power was lost the storage has {found}"
            )


async def what_is_read(store: InNode) -> dict[str, Entry]:
    """What the storage holds; empty if it refuses to say, as one may after a failure."""
    try:
        return {"k": await store.get("k")}
    except RPCError as error:
        if error.code in (FAILED, Unavailable.code):
            return {}
        raise


def possible(error: RPCError | None, read: dict[str, Entry]) -> list[dict[str, Entry]]:
    """What a storage may hold in the end, after a put that ended so and what was read then."""
    if error is None or read == NEW:
        return [NEW] if error is None or error.code == FAILED else []
    if error.code == FAILED:
        return [OLD, NEW]
    return [OLD] if error.code == Unavailable.code else []
