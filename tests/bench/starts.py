"""How long a node takes to start, from the request to its first report."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from autograder.catalog import REPOSITORY
from autograder.cluster import Cluster
from tests.bench.arena import ROOT, Arena, Meter, first_core
from tests.bench.rows import Row, at_most

WORD_COUNT = {"$load": "mapreduce/apps/word_count.py:WordCount"}


def measure(quick: bool) -> list[Row]:
    """The median over many starts, of a small node and of the reference's worker in turn."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = fresh_root(Path(folder))
        with Arena(first_core(), root) as arena:
            small, worker = arena.run(lambda c, m: start_in_turn(c, m, 10 if quick else 60))
    return [
        Row("start of a small node", 1000 * median(small), "ms", at_most(5)),
        Row("start of a MapReduce worker", 1000 * median(worker), "ms", at_most(5)),
    ]


def fresh_root(folder: Path) -> Path:
    """A root with the programs and nothing that Python has kept of them, as one handed in is."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT, folder, ignore=ignore, dirs_exist_ok=True)
    shutil.copytree(REPOSITORY / "solutions/mapreduce", folder / "mapreduce", ignore=ignore)
    return folder


async def start_in_turn(
    cluster: Cluster, meter: Meter, rounds: int
) -> tuple[list[float], list[float]]:
    """Start and kill nodes of both kinds; the seconds that each start took."""

    options: dict[str, Any] = {"coordinator": "c", "app": WORD_COUNT, "folder": "."}

    async def start(program: str, **options: Any) -> float:
        await cluster.crash(await cluster.start(program, **options))
        return meter.starts[-1]

    small, worker = [], []
    for _ in range(rounds):
        small.append(await start("chatter/nodes.py:Ponger"))
        worker.append(await start("mapreduce/worker.py:Worker", **options))
    return small, worker
