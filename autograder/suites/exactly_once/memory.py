"""How much memory the server has gained."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from autograder.suites.exactly_once.store import Clerk, Store

AT_ONCE = 500  # clerks whose requests arrive together


@asynccontextmanager
async def growth(store: Store, at_most: int) -> AsyncIterator[None]:
    """Raise `AssertionError` if what is done in the block leaves the server with so many more bytes."""
    first = store.clerks[:AT_ONCE]
    for _ in range(3):
        await store.at_once(clerk.get("") for clerk in first)
    before = await resting(store)
    yield
    kept = await resting(store) - before
    assert kept <= at_most, (
        f"the server keeps {kept:,} bytes more than before, and may keep {at_most:,}"
    )


async def resting(store: Store) -> int:
    """The bytes that the server has when it has dealt with all requests."""
    # A process holds its last message until the next one comes. This one is small, and of no clerk.
    body = {"type": "get", "key": "", "client": "test", "number": 1}
    await store.cluster.call(store.server, body)
    return store.cluster.memory(store.server)


def batches(clerks: list[Clerk]) -> Iterator[list[Clerk]]:
    """Parts of the clerks."""
    for first in range(0, len(clerks), AT_ONCE):
        yield clerks[first : first + AT_ONCE]
