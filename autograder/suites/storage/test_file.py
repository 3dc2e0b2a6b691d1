"""The file of the storage: for people to read, never torn, and left alone if it is damaged."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.storage.conformance import TEXTS, Entry, answer, error_of, expect_items
from autograder.suites.storage.crashes import moments_of, some_puts, states_of
from autograder.suites.storage.in_node import DAMAGED, storage_in
from autograder.suites.storage.json_file import (
    FILE,
    content_of,
    damaged,
    disk_with,
    problem_with,
    text_of,
)
from autograder.suites.storage.service import server_in


@points(4)
async def test_readable(cluster: Cluster) -> None:
    """The file is JSON for people: a line for every value, in the order of keys, nothing escaped."""
    store = await storage_in(cluster)
    await store.open()
    for n, text in enumerate(TEXTS):
        await store.put(text, TEXTS[-n], 0)
        stored = {key: Entry(TEXTS[-m], 1) for m, key in enumerate(TEXTS[: n + 1])}
        problem = problem_with(content_of(store.simulated), stored)
        assert not problem, f"{FILE} {problem}"


@points(4)
async def test_whole_at_every_moment(cluster: Cluster) -> None:
    """Who reads the file at whatever moment finds all of it, before the put or after."""
    store, puts = await storage_in(cluster), some_puts(cluster.random, 10)
    states = states_of(puts)
    for moment in await moments_of(store, puts):
        content = content_of(moment.disk)
        problems = [problem_with(content, state) for state in states[moment.done :][:2]]
        assert "" in problems, f"{moment.when}, {FILE} {problems[0]}"


@points(3)
async def test_written_by_others(cluster: Cluster) -> None:
    """A file that another `FileStorage` has written, in this form, is read."""
    store = await storage_in(cluster)
    entries = {text: Entry(text * 2, n + 1) for n, text in enumerate(TEXTS)}
    for end in ("", "\n"):
        store.simulated.become(disk_with((text_of(entries) + end).encode()))
        await store.open()
        await expect_items(store, entries)


@points(8)
async def test_damaged(cluster: Cluster) -> None:
    """A damaged file is reported with `StorageDamaged`, and left as it is."""
    store = await storage_in(cluster)
    good = text_of({"a": Entry("one", 1), "b": Entry('"', 2), "ü": Entry("", 3)}).encode()
    for what, content in damaged(good):
        store.simulated.become(disk_with(content))
        error = await error_of(store.open())
        told = f"of {FILE}, {what}: opening it is {answer(error)}"
        assert error is not None, f"{told}, and the damage not reported"
        assert error.code == DAMAGED, f"{told}, not with StorageDamaged"
        assert FILE in error.text, f"{told}, which does not say what file is damaged"
        assert content_of(store.simulated) == content, f"{told}, and the file was changed"


@points(2)
async def test_no_server_over_damage(cluster: Cluster) -> None:
    """A server whose file is damaged does not start, whatever is there of other files."""
    server = await server_in(cluster)
    await cluster.call(server, {"type": "put", "key": "k", "value": "one", "version": 0})
    await cluster.crash(server)
    torn = content_of(server.disk)[:-9]
    server.disk.become(disk_with(torn))
    for _ in range(2):
        await cluster.restart(server)
        await cluster.until(lambda: not server.running, 1, "the server ends, as it cannot serve")
    assert content_of(server.disk) == torn, f"the damaged {FILE} was changed"
