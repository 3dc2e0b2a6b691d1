"""How much more a storage does when several ask at once: measured, without losses and pauses."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from autograder.kv.root import Root
from autograder.kv.stress.crowd import Crowd
from autograder.kv.stress.process import Serving, running
from autograder.kv.stress.record import RecordingClerk
from autograder.kv.stress.result import Concurrency
from labs.node import RPCError

MANY = 8


async def probe(root: Path, storage: str | None, lab: Root, seconds: float) -> Concurrency:
    """Puts a second of one client, and of `MANY` with keys of their own, for so long each."""
    with tempfile.TemporaryDirectory(prefix="kv-") as folder:
        async with running(Serving(root, storage, Path(folder))) as server, Crowd(lab, 1) as crowd:
            clerks = [await crowd.clerk(f"prober {n}", server.address) for n in range(1 + MANY)]
            alone = await puts_a_second(clerks[:1], seconds)
            return Concurrency(alone, await puts_a_second(clerks[1:], seconds), MANY)


async def puts_a_second(clerks: list[RecordingClerk], seconds: float) -> float:
    """How many puts they get done in a second, all at once."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    counts = await asyncio.gather(
        *(puts_until(end, clerk, str(n)) for n, clerk in enumerate(clerks, len(clerks)))
    )
    return sum(counts) / (loop.time() - end + seconds)


async def puts_until(end: float, clerk: RecordingClerk, key: str) -> int:
    """Put one key over and over; how often that was done."""
    loop, version = asyncio.get_running_loop(), 0
    while loop.time() < end:
        try:
            await clerk.put(key, "a value of some length", version)
            version += 1
        except RPCError:  # a machine so busy that the clerk has asked twice
            version = (await clerk.get(key)).version
    return version
