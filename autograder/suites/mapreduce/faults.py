"""What a test does to workers at an exact moment, and how it watches the outputs meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path
from random import Random

from autograder.cluster import Cluster
from autograder.cluster.files import DIE, GO, Leave, Touch
from autograder.cluster.member import Member
from autograder.suites.mapreduce.output import WrongOutput, read_file

WRITING = frozenset({"open"})
RENAMING = frozenset({"os.rename", "os.link", "os.symlink"})

OFTEN = 0.02  # seconds between two looks of a patrol


class AtFile:
    """A rule for `Cluster.on_file`: what becomes of a worker at its n-th operation of a kind."""

    def __init__(
        self, worker: Member, events: Collection[str], nth: int = 1, leave: Leave = DIE
    ) -> None:
        self.reached = asyncio.Event()
        self._worker = worker.id
        self._events = events
        self._left = nth
        self._leave = leave

    def __call__(self, touch: Touch) -> Leave:
        if touch.node == self._worker and touch.event in self._events:
            self._left -= 1
            if self._left == 0:
                self.reached.set()
                return self._leave
        return GO


class ByChance:
    """A rule for `Cluster.on_file` that kills one of so many workers that touch a file."""

    def __init__(self, random: Random, probability: float) -> None:
        self.probability = probability
        self._random = random

    def __call__(self, touch: Touch) -> Leave:
        if touch.node.startswith("w") and self._random.random() < self.probability:
            return DIE
        return GO


class Watch:
    """Looks at the outputs whenever a node touches a file, and remembers what it saw first of each."""

    def __init__(self, cluster: Cluster, folder: Path, n_reduce: int) -> None:
        self._cluster = cluster
        self._paths = [folder / f"mr-out-{y}" for y in range(n_reduce)]
        self._first: dict[Path, tuple[float, bytes]] = {}
        self._status: dict[Path, tuple[int, int, int]] = {}
        self._change = ""
        cluster.on_file(self._touched)

    def _touched(self, touch: Touch) -> Leave:
        self.look()
        return GO

    def look(self) -> None:
        """Look at all of them now."""
        for path in self._paths:
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            seen = (status.st_ino, status.st_size, status.st_mtime_ns)
            if self._status.get(path) != seen:
                self._status[path] = seen
                self._read(path)

    def _read(self, path: Path) -> None:
        try:
            now, content = self._cluster.now, read_file(path)
        except WrongOutput:
            return  # said in the end, when the output is checked
        when, first = self._first.setdefault(path, (now, content))
        if content != first and not self._change:
            self._change = (
                f"at {when:.3f} s {path.name} was there with {len(first)} bytes, "
                f"and at {now:.3f} s it had {'other' if len(content) == len(first) else len(content)}"
            )

    async def patrol(self) -> None:
        """Look all the time, also while no node touches a file."""
        while True:
            self.look()
            await asyncio.sleep(OFTEN)

    def check(self) -> None:
        """Raise `AssertionError` if an output was ever seen that was not what it is in the end."""
        self.look()
        assert not self._change, self._change
