"""What a step costs in a large cluster, against a small one."""

from __future__ import annotations

import asyncio
from statistics import median

from autograder.cluster import Cluster
from tests.bench.arena import Arena, Meter, Test, core_seconds, first_core
from tests.bench.rows import Row, at_most, interleave, ratio

FEW, MANY = 3, 50


def measure(quick: bool) -> list[Row]:
    """Processor time of a step, all nodes calling each other and pausing."""
    rounds, seconds = (3, 60.0) if quick else (7, 120.0)
    with Arena(first_core()) as arena:
        many, few = interleave(
            rounds,
            lambda: arena.run(chatter(MANY, seconds / MANY)),
            lambda: arena.run(chatter(FEW, seconds / FEW)),
        )
    note = f"{1e6 * median(many):.0f} µs, {1e6 * median(few):.0f} µs"
    what = f"cost of a step at {MANY} nodes, over {FEW}"
    return [Row(what, ratio(many, few), "times", at_most(1.5), note)]


def chatter(number: int, seconds: float) -> Test[float]:
    """A test of so many chattering nodes; gives the seconds of one core that a step takes."""

    async def test(cluster: Cluster, meter: Meter) -> float:
        names = tuple(f"n{n}" for n in range(1, number + 1))
        for name in names:
            await cluster.start("chatter/nodes.py:Chatterer", name, names)
        began, before = core_seconds(), meter.steps
        await asyncio.sleep(seconds)
        return (core_seconds() - began) / (meter.steps - before)

    return test
