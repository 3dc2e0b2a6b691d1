"""The memory that a node does not share with the process that it was forked from."""

from __future__ import annotations

import asyncio
from statistics import median

import psutil

from autograder.cluster import Cluster
from tests.bench.arena import Arena, Meter, first_core
from tests.bench.rows import Row, at_most

NODES = 8
SECONDS = 2.0  # of virtual time that they chatter before they are looked at


def measure(quick: bool) -> list[Row]:
    """The median over some nodes that have been at work for a while."""
    with Arena(first_core()) as arena:
        found = arena.run(chatter_and_look)
    note = f"{NODES} nodes, largest {max(found):.3g} MB"
    return [Row("unshared memory of a node", median(found), "MB", at_most(10), note)]


async def chatter_and_look(cluster: Cluster, meter: Meter) -> list[float]:
    """Unshared megabytes of each node."""
    names = tuple(f"n{n}" for n in range(1, NODES + 1))
    for name in names:
        await cluster.start("chatter/nodes.py:Chatterer", name, names)
    await asyncio.sleep(SECONDS)
    return [process.memory_full_info().uss / 1e6 for process in nodes()]


def nodes() -> list[psutil.Process]:
    """The processes that were forked from those that this one started."""
    started = psutil.Process().children()
    return [child for zygote in started for child in zygote.children()]
