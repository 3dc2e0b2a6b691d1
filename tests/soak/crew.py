"""The processes of a soak: those that work, each on its core, and those that disturb them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType
from typing import Any

from autograder.catalog import GIVEN
from autograder.run import Runner, Settings
from autograder.verdict import Verdict
from labs.node.hosts.zygote import die_with_parent
from tests.bench.arena import cores
from tests.checkers.agreement import compare
from tests.mutants.mutants import SOLUTIONS
from tests.mutants.trial import run_once, suite_of, survived
from tests.soak.plan import BATCH, CHECKERS, ROOTS, Failure, Job, Result

WORKERS = 2
PARTING = 10.0  # seconds on the wall that a process may take to clean up after itself

spawn = multiprocessing.get_context("spawn")


def places() -> Sequence[int | None]:
    """The cores of the workers; None for one that cannot be chosen."""
    return cores()[:WORKERS] or [None] * WORKERS


@contextmanager
def burners() -> Iterator[None]:
    """Keep the workers' cores busy for a while."""
    with running(spawn.Process(target=burn, args=(core,)) for core in places()):
        yield


@contextmanager
def crew(folder: Path) -> Iterator[Crew]:
    """The workers, for a while; what they leave behind is in `folder`."""
    pairs = [spawn.Pipe() for _ in places()]
    made = (
        spawn.Process(target=work, args=(theirs, core, str(folder)))
        for core, (_, theirs) in zip(places(), pairs, strict=True)
    )
    with running(made):
        for _, theirs in pairs:
            theirs.close()
        yield Crew([ours for ours, _ in pairs])


@contextmanager
def running(processes: Iterable[SpawnProcess]) -> Iterator[None]:
    """Start processes, and see to it that they are gone in the end, whatever happens."""
    started: list[SpawnProcess] = []
    try:
        for process in processes:
            started.append(process)
            process.start()
        yield
    finally:
        begun = [process for process in started if process.pid is not None]
        for process in begun:
            process.terminate()
        for process in begun:
            process.join(PARTING)
            process.kill()
            process.join()


class Crew:
    """Workers, at the other ends of these links."""

    def __init__(self, links: list[Connection[Job, Result]]) -> None:
        self._links = links

    def do(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """Have jobs done, each by whoever is free; results come as they are there.

        Raises `EOFError` if a worker has died.
        """
        left = iter(jobs)
        busy = {link for link in self._links if give(link, left)}
        while busy:
            for link in wait(list(busy)):
                assert isinstance(link, Connection)
                result = link.recv()
                if not give(link, left):
                    busy.remove(link)
                yield result


def give(link: Connection[Job, Result], jobs: Iterator[Job]) -> bool:
    """Send a worker the next job; False if there is none."""
    job = next(jobs, None)
    if job is not None:
        link.send(job)
    return job is not None


# --- in a process of its own ----------------------------------------------------------------------


def settle(core: int | None) -> None:
    """Begin: on one core, out of reach of the terminal's Ctrl-C, and never without the parent."""
    os.setpgid(0, 0)
    die_with_parent()
    if core is not None:
        os.sched_setaffinity(0, {core})


def burn(core: int | None) -> None:
    """Keep a core busy."""
    settle(core)
    while True:
        pass


def work(link: Connection[Result, Job], core: int | None, folder: str) -> None:
    """Do jobs as they come, until this process is told to end or its parent is gone."""
    settle(core)
    leave_by(SystemExit, signal.SIGTERM)
    tempfile.tempdir = folder
    # One for the solutions, one for all mutants: what nodes are forked from is started once for each.
    around = {False: None, True: Path(folder, ROOTS)}
    runners = {
        kind: Runner(Settings(SOLUTIONS, GIVEN, around=at), core) for kind, at in around.items()
    }
    try:
        while True:
            job = link.recv()
            link.send(do(job, runners[bool(job.mutant)]))
    except EOFError:
        pass
    finally:
        for runner in runners.values():
            runner.close()


def leave_by(error: Callable[[], BaseException], *signals: signal.Signals) -> None:
    """Let signals raise an error, so that every `finally` runs; and only once, so that it ends."""

    def leave(number: int, frame: FrameType | None) -> Any:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise error()

    for each in signals:
        signal.signal(each, leave)


def do(job: Job, runner: Runner) -> Result:
    """Do one job."""
    began = time.monotonic()
    failures = [
        Failure(job, seed, why) for seed in job.seeds if (why := attempt(job, seed, runner))
    ]
    return Result(job, failures, time.monotonic() - began)


def attempt(job: Job, seed: int, runner: Runner) -> str:
    """Why a run did not come out as it must; empty if it did."""
    try:
        if job.lab == CHECKERS:
            return "\n".join(compare(job.test, BATCH, seed).disagreements)
        with redirect_stdout(None):  # what a test prints is for a student
            outcome = run_once(runner, job.root, suite_of(job.lab)[job.test], seed)
    except Exception:
        return f"our fault:\n{traceback.format_exc()}"
    if job.mutant:
        return survived(outcome)
    return "" if outcome.verdict is Verdict.PASS else f"{outcome.verdict.value}: {outcome.seen}"
