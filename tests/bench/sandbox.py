"""What the sandbox costs: the start of a node, and a suite."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from autograder.catalog import GIVEN, REPOSITORY
from autograder.cluster import Cluster
from autograder.cluster.errors import HarnessFault
from autograder.run import Runner, Settings
from tests.bench.arena import ROOT, Meter, cores, first_core, pin
from tests.bench.rows import Row, at_most
from tests.mutants.trial import suite_of

RUNGS = ("namespaces", "mounts", "landlock")  # those that cost something; the first one is usual
LONGEST_START, MOST = 12, 1.05  # milliseconds; times as long as without


def measure(quick: bool) -> list[Row]:
    """Starts, and a suite, on each rung and on none, in turn."""
    with ExitStack() as stack:
        starters = stack.enter_context(runners(ROOT))
        starts = {
            name: median(many) for name, many in in_turn(starters, start, 15 if quick else 80)
        }
        suites = stack.enter_context(runners(REPOSITORY / "solutions"))
        whole = dict(in_turn(suites, suite, 2 if quick else 8))
    rows = []
    for name in starters:
        if name == "none":
            continue
        times = starts[name] / starts["none"]
        note = f"{times:.2f} times the {1000 * starts['none']:.1f} ms without"
        row = Row(
            f"start of a node, {name}", 1000 * starts[name], "ms", at_most(LONGEST_START), note
        )
        cost = min(whole[name]) / min(whole["none"])  # of the rounds that others disturbed least
        rows += [row, Row(f"suite of the lock, {name}", cost, "x none", at_most(MOST))]
    return rows


@contextmanager
def runners(root: Path) -> Iterator[dict[str, Runner]]:
    """A runner on each of these rungs that this machine has, and one on none, on one core."""
    before, made = cores(), dict[str, Runner]()
    try:
        for name in (*RUNGS, "none"):
            runner = made[name] = Runner(Settings(root, GIVEN, rungs=(name,)), first_core())
            try:
                runner.sandbox()
            except HarnessFault:
                made.pop(name).close()
        yield made
    finally:
        for runner in made.values():
            runner.close()
        pin(before)


def in_turn(
    runners: dict[str, Runner], measured: Callable[[Runner], float], rounds: int
) -> Iterator[tuple[str, list[float]]]:
    """What is measured of each runner, all of them in every round."""
    found: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            found[name].append(measured(runner))
    yield from found.items()


def start(runner: Runner) -> float:
    """The seconds from the request to start a node to its first report."""

    async def test(cluster: Cluster, meter: Meter) -> None:
        await cluster.start("chatter/nodes.py:Ponger")
        await cluster.crash(await cluster.start("chatter/nodes.py:Ponger"))

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        cluster = runner.cluster(1, Path(folder))
        meter = Meter(cluster.host)
        cluster.host = meter
        try:
            cluster.run(test(cluster, meter))
        finally:
            cluster.close()
    return meter.starts[-1]


def suite(runner: Runner) -> float:
    """The seconds of all tests of the lock."""
    return sum(runner.run_once(test, 1).real_seconds for test in suite_of("lock").values())
