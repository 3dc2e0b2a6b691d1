"""Puts a program through a workload as an order has it, and says what came of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.catalog import GIVEN
from autograder.checkers.finding import Finding, Judgement
from autograder.checkers.history import Operation
from autograder.cluster import Cluster, seeds
from autograder.cluster.engine import Engine, VirtualEngine, WallEngine
from autograder.cluster.errors import HarnessFault
from autograder.gossip.drive import Run, put_through, set_up
from autograder.gossip.faults import FAULTS
from autograder.gossip.options import Order
from autograder.run import Found, Runner, Settings, judge
from autograder.sandbox import scratch_folder
from autograder.verdict import Verdict

START, END = 60.0, 120.0  # seconds that starts, and operations that are late, may take
EVENTS = 1 << 40  # never reached: what bounds a run is its time

Watch = Callable[[Cluster], None]


@dataclass
class Trial:
    """A program that was put through a workload; `run` is None if its nodes did not start."""

    order: Order
    found: Found
    judgement: Judgement = field(default_factory=lambda: Judgement(Finding(Verdict.PASS)))
    run: Run | None = None
    cluster: Cluster | None = None
    sandbox: str = ""
    interrupted: bool = False

    @property
    def evidence(self) -> tuple[Operation, ...]:
        """The operations that show what is wrong."""
        return self.found.evidence or self.judgement.finding.evidence


class Ground(Runner):
    """Runs with limits of their own; see `Runner`."""

    def __init__(self, order: Order) -> None:
        super().__init__(Settings(order.root, GIVEN, order.host, order.clock), a_processor())
        load = order.load
        self._limit = load.time_limit + load.calm + load.timeout + START + END

    def runs(self) -> str:
        """The folder of the folders of all runs."""
        return self._runs()

    def _engine(self, seed: int) -> Engine:
        if self.settings.clock == "wall":
            return WallEngine(self._limit)
        return VirtualEngine(seeds.stream(seed, "order"), self._limit, EVENTS)


def a_processor() -> int | None:
    """One that this process may use."""
    return min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def attempt(order: Order, watch: Watch | None = None) -> Trial:
    """Run it, to its end or until Ctrl-C; `watch` sees the cluster ten times a second of its time."""
    trial = Trial(order, Found(Verdict.PASS))
    ground = Ground(order)
    try:
        with scratch_folder(ground.runs()) as folder:
            cluster = trial.cluster = ground.cluster(order.seed, folder)
            try:
                trial.found = judge(cluster, lambda cluster: go_through(trial, cluster, watch))
            except KeyboardInterrupt:
                trial.interrupted = True
            finally:
                cluster.close()
        if watch is not None:
            watch(cluster)
        trial.sandbox = ground.sandbox()
    finally:
        ground.close()
    if trial.run is not None:
        trial.judgement = judged(trial, trial.run)
    return trial


async def go_through(trial: Trial, cluster: Cluster, watch: Watch | None) -> None:
    """The test that is run."""
    order = trial.order
    watching = asyncio.ensure_future(look(cluster, watch)) if watch is not None else None
    try:
        trial.run = await set_up(cluster, order.make(), order.program, order.load)
        await put_through(trial.run, [FAULTS[name] for name in order.faults])
    finally:
        if watching is not None:
            watching.cancel()


async def look(cluster: Cluster, watch: Watch) -> None:
    """Let `watch` look, again and again."""
    while True:
        await asyncio.sleep(0.1)
        watch(cluster)


def judged(trial: Trial, run: Run) -> Judgement:
    """What the workload finds in what was done; nothing, if that alone broke the run."""
    if run.quiet == 0:  # it ended before the last questions
        run.quiet = run.cluster.engine.now + 1
    try:
        return run.judge()
    except Exception:
        if trial.found.verdict is Verdict.FAIL or trial.interrupted:
            return Judgement(Finding(Verdict.PASS))
        raise HarnessFault(f"{trial.order.workload} cannot be judged") from None
