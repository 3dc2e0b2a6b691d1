"""A place to run nodes in, with a meter on them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import psutil

from autograder.catalog import GIVEN
from autograder.cluster import Cluster
from autograder.cluster.member import Absorb, Body, Host
from autograder.run import Runner, Settings
from labs.node.disk import Perform
from labs.node.hosts.control import Report, Start

ResultT = TypeVar("ResultT")
ROOT = Path(__file__).parent / "root"
LONG = 3_000.0  # virtual seconds that are never reached


class Meter:
    """A host that counts the steps of another's nodes, and times their starts. See `Host`."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.name, self.virtual, self.faults = host.name, host.virtual, host.faults
        self.steps = 0  # reports absorbed
        self.starts: list[float] = []  # seconds from each request to spawn to the first report

    def spawn(self, start: Start, absorb: Absorb, perform: Perform) -> Body:
        """Spawn a node, and note when its first report has been absorbed."""
        began, started = time.perf_counter(), False

        def metered(report: Report) -> None:
            nonlocal started
            absorb(report)
            self.steps += 1
            if not started:
                started = True
                self.starts.append(time.perf_counter() - began)

        return self._host.spawn(start, metered, perform)

    def close(self) -> None:
        """Free what the host holds."""
        self._host.close()


Test = Callable[[Cluster, Meter], Coroutine[Any, Any, ResultT]]


class Arena:
    """Runs tests on one core, if one is named; open it with `with`, which gives the others back."""

    def __init__(self, core: int | None, root: Path = ROOT) -> None:
        self._runner = Runner(Settings(root, GIVEN), core)
        self._before = cores()

    def run(self, test: Test[ResultT]) -> ResultT:
        """The result of a test, on a cluster of its own."""
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            cluster = self._runner.cluster(1, Path(folder))
            meter = Meter(cluster.host)
            cluster.host = meter
            try:
                return cluster.run(test(cluster, meter))
            finally:
                cluster.close()

    def __enter__(self) -> Arena:
        return self

    def __exit__(self, *error: object) -> None:
        self._runner.close()
        pin(self._before)


def ping_pong(calls: int) -> Test[float]:
    """A test of two nodes, one of which calls the other so often; gives the steps a second of one core."""

    async def test(cluster: Cluster, meter: Meter) -> float:
        server = await cluster.start("chatter/nodes.py:Ponger")
        client = await cluster.start("chatter/nodes.py:Pinger", dest=server.id, times=calls)
        began, before = core_seconds(), meter.steps
        await cluster.until(lambda: bool(client.printed()), LONG)
        return (meter.steps - before) / (core_seconds() - began)

    return test


def core_seconds() -> float:
    """Processor time of this process, its nodes and what they were forked from.

    They share a core and leave it no rest, so this is the time on the wall of a machine that does nothing
    else; and on one that does, it is the time that counts.
    """
    started = psutil.Process().children(recursive=True)
    return time.process_time() + sum(map(seconds_of, started))


def seconds_of(process: psutil.Process) -> float:
    """Processor time of another process; Linux knows it to the nanosecond, others to a hundredth."""
    try:
        return int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        times = process.cpu_times()
        return float(times.user + times.system)


def cores() -> list[int]:
    """The cores that this process may use; empty where the system does not tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin(to: list[int]) -> None:
    """Keep this process on some cores, where the system can."""
    if to:
        os.sched_setaffinity(0, to)


def first_core() -> int | None:
    """A core to run on."""
    return next(iter(cores()), None)
