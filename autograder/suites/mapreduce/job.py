"""A MapReduce job under test: its inputs, its nodes, and what its output must be."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from autograder.cluster import Cluster, rules
from autograder.cluster.files import DIE, GO, Leave
from autograder.cluster.member import Member
from autograder.cluster.rules import Rule
from autograder.cluster.trace import Message
from autograder.suites.mapreduce import witness
from autograder.suites.mapreduce.faults import AtFile, Watch
from autograder.suites.mapreduce.inputs import count_words
from autograder.suites.mapreduce.output import check_output, missing_outputs
from autograder.suites.mapreduce.witness import Run
from autograder.suites.messages import First

APPS = Path(__file__).parent / "apps"
COORDINATOR = "mapreduce/coordinator.py:Coordinator"
WORKER = "mapreduce/worker.py:Worker"
END_LIMIT = 30.0  # seconds within which the coordinator ends once the job is done
GIVE_UP_LIMIT = 60.0  # seconds within which a worker ends that cannot reach its coordinator
LOOK = 0.05  # seconds between two looks at the shared folder


def make_app(name: str, **settings: Any) -> dict[str, Any]:
    """One of the test applications as an option: `make_app("pairs.py:Pairs", sort=True)`."""
    return {"$load": f"{APPS / name}", **settings}


class Job:
    """One job on a cluster: `files` are written into the shared folder, nodes are started by name.

    Without an `app` it counts words, and tells of every call (`runs`).
    """

    def __init__(
        self,
        cluster: Cluster,
        files: Mapping[str, str | bytes],
        n_reduce: int = 3,
        app: dict[str, Any] | None = None,
        folder: str = ".",
    ) -> None:
        self.cluster = cluster
        self.files = files
        self.n_reduce = n_reduce
        self.app = app
        cluster.shares_folder = True
        self.folder = cluster.folder / folder
        self.nonce = f"{cluster.random.getrandbits(32):08x}"
        self.workers: list[Member] = []
        self.coordinator: Member
        self.watch = Watch(cluster, self.folder, n_reduce)
        self.over_at = math.inf  # when the last output was seen
        self.folder.mkdir(exist_ok=True)
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    # ---- its nodes -------------------------------------------------------------------------------

    async def start(self, workers: int, wild: float = 0.0, **naps: float) -> None:
        """Start the coordinator and so many workers; for `naps` and `wild` see `apps/witness.py`."""
        self.coordinator = await self.cluster.start(
            COORDINATOR,
            self._name("coordinator"),
            files=list(self.files),
            n_reduce=self.n_reduce,
        )
        for _ in range(workers):
            await self.add_worker(wild, **naps)

    async def add_worker(self, wild: float = 0.0, **naps: float) -> Member:
        """Start one more worker."""
        own = self.app or make_app("witness.py:Witness", nonce=self.nonce, naps=naps, wild=wild)
        # The folder is given as the path that every process knows, as a real job does.
        options: dict[str, Any] = {
            "coordinator": self.coordinator.id,
            "app": own,
            "folder": str(self.folder),
        }
        worker = await self.cluster.start(WORKER, self._name("w", 1), **options)
        self.workers.append(worker)
        return worker

    def _name(self, prefix: str, first: int | None = None) -> str:
        """A name that no node of the cluster has, nor had: a worker that died does not come back."""
        taken = self.cluster.members
        if first is None and prefix not in taken:
            return prefix
        n = first or 2
        while f"{prefix}{n}" in taken:
            n += 1
        return f"{prefix}{n}"

    # ---- what becomes of them --------------------------------------------------------------------

    async def begun(self, kind: str, nth: int = 1) -> Run:
        """Wait until so many calls of map or reduce have begun; returns the last of them."""
        what = f"a {kind} begins" if nth == 1 else f"{nth} calls of {kind} begin"
        await self.cluster.until(lambda: len(self.runs(kind)) >= nth, 60, what)
        return self.runs(kind)[nth - 1]

    async def begun_on(self, worker: Member) -> Run:
        """Wait until a worker has begun a call of map or reduce; returns that."""

        def own() -> list[Run]:
            return [run for run in self.runs() if run.node == worker.id]

        await self.cluster.until(lambda: bool(own()), 60, f"{worker.id} gets a task")
        return own()[0]

    async def begun_again(self, run: Run, within: float) -> None:
        """Wait until another worker has begun the same call."""
        what = f"{run} is begun by another worker"
        await self.cluster.until(
            lambda: sum(run.task == other.task for other in self.runs()) > 1, within, what
        )

    async def kill(
        self, worker: Member, at: Collection[str], nth: int = 1, leave: Leave = DIE
    ) -> None:
        """Let a worker die at its n-th operation of a kind from now on, and wait for that.

        A worker that never does such a thing ends with the job.
        """
        self.cluster.on_file(AtFile(worker, at, nth, leave))
        await self._ended(worker)

    async def kill_before_reporting(self, worker: Member, kind: str) -> None:
        """Kill a worker as it sends its first message after a map or reduce, and lose that."""
        point = First(1, lambda m: m.src == worker.id and self._has_done(worker, kind))
        what = f"the next message of {worker.id} after a {kind} is lost"
        with self.cluster.network.rule(point, what=what):
            await self._either(point.reached.wait(), worker)
        await self.cluster.crash(worker)

    async def kill_before_hearing(self, worker: Member) -> None:
        """Kill a worker while the first message to it is under way."""
        point = First(1, lambda message: message.dest == worker.id)
        with self.cluster.network.rule(point, what=f"the next message to {worker.id} is lost"):
            await self._either(point.reached.wait(), worker)
        await self.cluster.crash(worker)

    async def pause_at(self, worker: Member, at: Collection[str]) -> None:
        """Stop a worker at its next operation of a kind, before it happens."""
        point = AtFile(worker, at, leave=GO)
        self.cluster.on_file(point)
        await self._either(point.reached.wait(), worker)
        await self.cluster.pause(worker)

    def lose_last_words(self, seconds: float) -> Rule:
        """A rule that loses what the coordinator says once the last output is there, for so long."""

        def rule(message: Message, random: Random) -> Sequence[float]:
            over = message.src == self.coordinator.id and not self.missing()
            return rules.LOST if over and self.cluster.now < self.over_at + seconds else rules.PASS

        what = f"for {seconds:g} s after the last output, the coordinator is unheard"
        return rules.described(what, rule)

    @asynccontextmanager
    async def stopped(self, worker: Member) -> AsyncIterator[None]:
        """Stop a worker, and let it go on afterwards."""
        await self.cluster.pause(worker)
        yield
        await self.cluster.resume(worker)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch the outputs; raises `AssertionError` in the end if one was not always what it is."""
        patrol = asyncio.ensure_future(self.watch.patrol())
        try:
            yield
        finally:
            patrol.cancel()
        self.watch.check()

    async def _either(self, reached: Awaitable[object], worker: Member) -> None:
        """Wait until a moment is reached, or the worker has ended without reaching it."""
        moment = asyncio.ensure_future(reached)
        end = asyncio.ensure_future(self._ended(worker))
        try:
            await asyncio.wait([moment, end], return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                end.result()
        finally:
            moment.cancel()
            end.cancel()

    async def _ended(self, worker: Member) -> None:
        await self.cluster.until(lambda: not worker.running, 60, f"{worker.id} does a task")

    def _has_done(self, worker: Member, kind: str) -> bool:
        done = [run for run in self.runs(kind) if run.node == worker.id and run.end < math.inf]
        return bool(done)

    async def haunt(self, seconds: float, workers: int, wild: float) -> None:
        """Kill workers at any moment for so long, and start others in their place a second later."""
        choose, end = self.cluster.random, self.cluster.now + seconds
        while self.cluster.now < end and self.missing():
            await asyncio.sleep(choose.uniform(0.2, 3.0))
            await self.cluster.crash(choose.choice(self.workers))
            await asyncio.sleep(1.0)
            await self.fill_up(workers, wild)

    async def fill_up(self, workers: int, wild: float = 0.0) -> None:
        """Start workers until so many run."""
        while sum(worker.running for worker in self.workers) < workers:
            await self.add_worker(wild)

    # ---- how it goes -----------------------------------------------------------------------------

    def runs(self, kind: str | None = None) -> list[Run]:
        """The calls of map and reduce so far, in order of time."""
        found = witness.runs(self.workers, self.nonce)
        return [run for run in found if kind in (None, run.kind)]

    def memory(self, worker: Member) -> int:
        """The bytes that a worker needed beyond what it had as it started (`apps/records.py`)."""
        found = (re.fullmatch(rf"@{self.nonce} peak (\d+)", line) for line in worker.printed())
        peaks = [int(match[1]) for match in found if match]
        return max(peaks, default=0) - min(peaks, default=0)

    def worker(self, id: str) -> Member:
        """The worker of that name."""
        return self.cluster.members[id]

    def words(self) -> list[str]:
        """The words of its inputs, sorted."""
        return sorted(count_words(self.files))

    def missing(self) -> list[str]:
        """The outputs that are not there yet."""
        self.watch.look()
        missing = missing_outputs(self.folder, self.n_reduce)
        if not missing:
            self.over_at = min(self.over_at, self.cluster.now)
        return missing

    def running(self) -> list[Member]:
        """The nodes that have not ended."""
        return [member for member in (self.coordinator, *self.workers) if member.running]

    async def look_until(self, condition: Callable[[], bool], within: float) -> bool:
        """Look at the job again and again until `condition` holds; whether it came to that."""
        end = self.cluster.now + within
        while not condition():
            if self.cluster.now >= end or not self.running():
                return condition()
            await asyncio.sleep(LOOK)
        return True

    async def done(self, within: float = 60.0) -> None:
        """Wait until all outputs are there."""
        if not await self.look_until(lambda: not self.missing(), within):
            states = "; ".join(map(self._state, (self.coordinator, *self.workers)))
            raise AssertionError(
                f"{' and '.join(self.missing())} did not appear within {within:g} s ({states})"
            )

    def _state(self, member: Member) -> str:
        if member.running:
            return f"{member.id} {'is paused' if member.paused else 'runs'}"
        how = "ended" if member.fate and member.fate.code is not None else "was killed"
        return f"{member.id} {how} at {(member.ended_at or 0) / 1e6:.1f} s"

    async def finish(self, expected: Mapping[str, str] | None = None, within: float = 60.0) -> None:
        """Wait for the end of the job, and check its output: the counts of words, if nothing else."""
        await self.done(within)
        await self.look_until(lambda: not self.coordinator.running, END_LIMIT)
        self.check(expected)

    def check(self, expected: Mapping[str, str] | None = None) -> None:
        """Raise `AssertionError` unless the output is right."""
        right = count_words(self.files) if expected is None else expected
        check_output(self.folder, len(self.files), self.n_reduce, right)

    async def everybody_ends(self, busy: float = 0.0) -> None:
        """Wait until all nodes have ended; the job must be done, and workers busy for so long at most."""
        await self.coordinator_ends()
        await self.workers_give_up(self.cluster.now + busy)

    async def coordinator_ends(self) -> None:
        """Wait until the coordinator has ended; the job must be done."""
        left = max(0.0, self.over_at + END_LIMIT - self.cluster.now)
        if not await self.look_until(lambda: not self.coordinator.running, left):
            raise AssertionError(
                f"the last output was there at {self.over_at:.1f} s, and {END_LIMIT:g} s later the "
                "coordinator still runs"
            )

    async def workers_give_up(self, since: float) -> None:
        """Wait until all workers have ended that look for the coordinator in vain `since` a time."""
        left = max(0.0, since + GIVE_UP_LIMIT - self.cluster.now)
        if not await self.look_until(lambda: not self.running(), left):
            names = [member.id for member in self.running()]
            ended = (self.coordinator.ended_at or 0) / 1e6
            raise AssertionError(
                f"{' and '.join(names)} still {'runs' if len(names) == 1 else 'run'} at "
                f"{self.cluster.now:.1f} s, and the coordinator has been gone since {ended:.1f} s"
            )
