"""Runs a whole job for real: a coordinator and its workers, as tasks, threads or processes.

    run(WordCount(), ["a.txt", "b.txt"], "out", n_reduce=4, workers=2, host="process")

The node classes are the same on each of the three, and the same that the tests run.
"""

import math
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from labs.node import Node
from labs.node.hosts.crew import Crew, Outcome, Tasks, Threads
from mapreduce.app import App
from mapreduce.coordinator import Coordinator
from mapreduce.worker import Worker

HOSTS = ("inline", "thread", "process")
COORDINATOR = "coordinator"  # its name
LOOK = 0.1  # seconds between two looks at what is done
PARTING = 3.0  # seconds that workers get to end after the coordinator has
EARLY = 10.0  # seconds that the coordinator gets to end after its workers have

Progress = Callable[[int, int, str], None]  # so many done, of so many, in this phase: map or reduce


class Unusable(ValueError):
    """The job cannot start; the one sentence says why."""


class JobFailed(Exception):
    """The job started and will not end; the one sentence says why."""


def run(
    app: App,
    files: Sequence[str],
    folder: str | Path,
    n_reduce: int = 10,
    workers: int = 2,
    host: str | Crew = "process",
    progress: Progress | None = None,
    *,
    coordinator: type[Node] = Coordinator,
    worker: type[Node] = Worker,
    replacements: int | None = None,
) -> None:
    """Run a job; its output are the files `mr-out-0`, `mr-out-1`, ... in `folder`.

    `files` are relative to `folder`, or absolute. A worker that is killed is replaced, unless that
    happened `replacements` times before; one whose program fails ends the job. Raises `Unusable` or
    `JobFailed`, and leaves nothing running, however it ends.
    """
    place = Path(folder).absolute()
    check(files, place, n_reduce, workers)
    crew = make_crew(host) if isinstance(host, str) else host
    try:
        options = {"files": list(files), "n_reduce": n_reduce}
        crew.start(coordinator, COORDINATOR, options, listens=True)
        worker_options = {"coordinator": COORDINATOR, "app": app, "folder": str(place)}
        job = Job(crew, lambda id: crew.start(worker, id, worker_options))
        job.replacements = 2 * workers + 3 if replacements is None else replacements
        job.supervise(workers, Outputs(place, len(files), n_reduce, progress))
    finally:
        crew.close()


def check(files: Sequence[str], folder: Path, n_reduce: int, workers: int) -> None:
    """Raise `Unusable` for a job that cannot work, and make `folder` if it is not there."""
    if n_reduce < 1 or workers < 1:
        raise Unusable("a job needs at least one reduce task and at least one worker")
    for file in files:
        if not os.access(folder / file, os.R_OK) or not (folder / file).is_file():
            raise Unusable(f"cannot read {folder / file}: is it there, and is it a file?")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        left = next(iter(sorted(folder.glob("mr-*"))), None)
    except OSError as error:
        raise Unusable(f"cannot use {folder}: {error.strerror}") from None
    if left is not None:
        raise Unusable(
            f"{folder} holds {left.name} of another job: remove its mr-* or take another folder"
        )


def make_crew(host: str) -> Crew:
    """The infrastructure of that name."""
    if host == "inline":
        return Tasks()
    if host == "thread":
        return Threads()
    if host == "process":
        from labs.node.hosts.processes import Processes

        return Processes()
    raise Unusable(f"there is no host {host!r}: choose one of {', '.join(HOSTS)}")


class Outputs:
    """What is done of a job, seen from its files alone."""

    def __init__(self, folder: Path, n_map: int, n_reduce: int, progress: Progress | None) -> None:
        self._folder = folder
        self._n_map = n_map
        self._n_reduce = n_reduce
        self._progress = progress

    def missing(self) -> list[str]:
        """The output files that are not there."""
        names = (f"mr-out-{y}" for y in range(self._n_reduce))
        return [name for name in names if not (self._folder / name).exists()]

    def show(self) -> None:
        """Call `progress` with what is done by now."""
        if self._progress is None:
            return
        parts = [name.split("-") for name in os.listdir(self._folder) if name.startswith("mr-")]
        reduces = sum(part[1] == "out" for part in parts)
        maps = len({part[1] for part in parts}) - bool(reduces)
        if reduces or maps == self._n_map:
            self._progress(reduces, self._n_reduce, "reduce")
        else:
            self._progress(maps, self._n_map, "map")


class Job:
    """The nodes of a running job: who still runs, and whether the end can still come."""

    def __init__(self, crew: Crew, start_worker: Callable[[str], None]) -> None:
        self.replacements = 0  # how many more killed workers get a successor
        self._crew = crew
        self._start_worker = start_worker
        self._started = 0
        self._workers: set[str] = set()  # those that run
        self._coordinator_runs = True
        self._deadline = math.inf  # for the nodes that are left, when the others have ended

    def supervise(self, workers: int, outputs: Outputs) -> None:
        """Wait for the end of the job; raises `JobFailed` if it cannot come any more."""
        outputs.show()
        for _ in range(workers):
            self._add_worker()
        while not self._is_over(outputs):
            outputs.show()
            if outcome := self._crew.wait(LOOK):
                self._take(outcome)
        outputs.show()
        if missing := outputs.missing():
            who = "all workers" if self._coordinator_runs else "the coordinator"
            raise JobFailed(f"{who} ended, and there is no {missing[0]}")

    def _is_over(self, outputs: Outputs) -> bool:
        """Whether nobody is left, or only those for whom nothing is left to do."""
        if time.monotonic() > self._deadline or not (self._workers or self._coordinator_runs):
            return True
        # A coordinator waits for workers that it has lost; here it is known that none is left.
        return not self._workers and not outputs.missing()

    def _add_worker(self) -> None:
        self._started += 1
        name = f"worker-{self._started}"
        self._start_worker(name)
        self._workers.add(name)

    def _take(self, outcome: Outcome) -> None:
        """See to the end of a node."""
        if outcome.id == COORDINATOR:
            if outcome.problem or outcome.killed:
                raise JobFailed(f"the coordinator failed: {outcome.problem or 'it was killed'}")
            self._coordinator_runs = False
            self._deadline = time.monotonic() + PARTING
        else:
            self._workers.discard(outcome.id)
            if self._coordinator_runs:
                self._see_to_worker(outcome)

    def _see_to_worker(self, outcome: Outcome) -> None:
        if outcome.problem is not None:
            raise JobFailed(f"{outcome.id} failed: {outcome.problem}")
        if outcome.killed:
            if self.replacements == 0:
                raise JobFailed(f"{outcome.id} was killed, as were too many workers before it")
            self.replacements -= 1
            self._add_worker()
        if not self._workers:
            self._deadline = time.monotonic() + EARLY
