"""What the server keeps in memory, above what it had when it was empty."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.exactly_once.memory import batches, growth
from autograder.suites.exactly_once.store import start
from autograder.suites.marks import needs_processes

CLERKS = 20_000  # most of the suite's time; so that test comes first, and others run beside it

MIB = 1 << 20
LARGE = ('"large"\n\\' + 55 * ".") * (10 * MIB >> 6)
# JSON has one byte for a character of it, and Python four, because of the last one.
WIDE = "w" * 3_000 + "\N{GRINNING FACE}"


@points(4)
@needs_processes
async def test_memory_of_many_clerks(cluster: Cluster) -> None:
    """Of each of 20,000 clerks the server keeps at most 600 bytes, and takes none for another."""
    store = await start(cluster, CLERKS)
    async with growth(store, at_most=600 * CLERKS):
        for batch in batches(store.clerks):
            await batch[0].put("wide", WIDE)
            await store.at_once(clerk.append("wide", ".") for clerk in batch[::10])
            await store.at_once(clerk.put(f"{n}", clerk.id) for n, clerk in enumerate(batch))
    await store.at_once(clerk.must_get(f"{n}", clerk.id) for n, clerk in enumerate(batch))


@points(3)
@needs_processes
async def test_memory_of_large_puts(cluster: Cluster) -> None:
    """A value of 10 MiB is freed when it is overwritten, although it was put and got."""
    store = await start(cluster, 2)
    ours, other = store.clerks
    async with growth(store, at_most=4 * MIB):
        await ours.put("k", LARGE)
        await other.must_get("k", LARGE)
        await other.put("k", "")


@points(4)
@needs_processes
async def test_memory_of_large_appends(cluster: Cluster) -> None:
    """An answer of 10 MiB is freed when its clerk's next request comes, whatever it asks for."""
    store = await start(cluster, 3)
    ours, other, third = store.clerks
    async with growth(store, at_most=4 * MIB):
        await ours.put("k", LARGE)
        await other.must_append("k", ".", old=LARGE)
        await other.get("j")
        await third.put("k", "")


@points(3)
@needs_processes
async def test_memory_of_many_operations(cluster: Cluster) -> None:
    """The server keeps no more of a clerk that has asked many times than of one that has asked once."""
    store = await start(cluster, 100)

    async def ask(n: int) -> None:
        await store.at_once(clerk.append(f"{n}", ".") for clerk in store.clerks)
        await store.at_once(clerk.put(f"{n}", "") for clerk in store.clerks)

    await ask(0)
    async with growth(store, at_most=MIB // 4):
        for n in range(1, 41):
            await ask(n)


@points(2)
@needs_processes
async def test_memory_of_gets(cluster: Cluster) -> None:
    """The server keeps nothing of a clerk that only gets."""
    store = await start(cluster, CLERKS // 8)
    await store.clerks[0].put("k", "value")
    async with growth(store, at_most=50 * len(store.clerks)):
        for batch in batches(store.clerks):
            await store.at_once(clerk.get("k") for clerk in batch)
