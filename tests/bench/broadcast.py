"""How long Maelstrom's largest challenge takes: 25 nodes, 100 operations a second, 20 seconds."""

from __future__ import annotations

import time
from statistics import median

from autograder.catalog import REPOSITORY
from autograder.cluster import Cluster
from autograder.gossip.drive import drive
from autograder.gossip.load import Load
from autograder.gossip.workloads.broadcast import Broadcast
from tests.bench.arena import Arena, Meter, Test, core_seconds
from tests.bench.rows import Row, at_most

PROGRAMS = {
    "3d": "gossip/broadcast_fast.py:FastBroadcast",
    "3e": "gossip/broadcast_few.py:FewBroadcast",
}
CHALLENGE = Load(nodes=25, rate=100, time_limit=20, latency=0.1)


def measure(quick: bool) -> list[Row]:
    """Real seconds of the reference solutions in virtual time, their judgement included."""
    rounds = 1 if quick else 3
    with Arena(None, REPOSITORY / "solutions") as arena:
        return [row(arena, name, program, rounds) for name, program in PROGRAMS.items()]


def row(arena: Arena, name: str, program: str, rounds: int) -> Row:
    """The median of some runs of one program."""
    taken = [arena.run(challenge(program)) for _ in range(rounds)]
    wall, cores, steps = (median(each) for each in zip(*taken, strict=True))
    note = f"{steps:,.0f} steps, {cores:.1f} s of all cores"
    return Row(f"challenge {name}, 20 virtual s", wall, "s", at_most(3.0), note)


def challenge(program: str) -> Test[tuple[float, float, float]]:
    """A test that gives its seconds on the wall, its seconds on all cores, and its steps."""

    async def test(cluster: Cluster, meter: Meter) -> tuple[float, float, float]:
        began, before = time.perf_counter(), core_seconds()
        run = await drive(cluster, Broadcast(), program, CHALLENGE)
        run.must_hold()
        return time.perf_counter() - began, core_seconds() - before, float(meter.steps)

    return test
