"""Kills the process of a storage at an exact operation of its disk, again and again."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.cluster.files import DIE, GO, Leave, Touch
from autograder.cluster.sessions import SessionLost
from autograder.suites.storage.conformance import Entry, difference_of
from autograder.suites.storage.in_node import InNode
from labs.node import Disk

KEY = "k"
MOST_FILES = 10


class Killer:
    """Does puts, each of which a kill may cut short, and looks each time at what is there."""

    def __init__(self, cluster: Cluster, store: InNode) -> None:
        self._store = store
        self._stored = Entry("", 0)
        self._left: int | None = None  # operations until the kill
        self._number = 0
        cluster.on_file(self._touched)

    def _touched(self, touch: Touch) -> Leave:
        if self._left is None or touch.node != self._store.member.id:
            return GO
        self._left -= 1
        return GO if self._left >= 0 else DIE

    async def strike(self, operations: int, power: bool) -> None:
        """Open the storage and put, with a kill after so many operations; then start it again, and look."""
        self._number += 1
        before, wanted = self._stored, Entry(f"{self._number}" * 20, self._stored.version + 1)
        self._left = operations
        try:
            await self._store.open()
            await self._store.put(KEY, wanted.value, before.version)
            before = wanted
        except SessionLost:
            pass
        self._left = None
        await (self._store.lose_power() if power else self._store.kill())
        await self._look(before, wanted, "lost power" if power else "was killed")
        await self._store.close()

    async def _look(self, before: Entry, wanted: Entry, what: str) -> None:
        found = await self._store.recover()
        self._stored = found.get(KEY, Entry("", 0))
        told = f"after put {self._number} the storage {what}, and"
        if self._stored not in (before, wanted) or found.keys() - {KEY}:
            raise AssertionError(f"{told} {difference_of(found, {KEY: before})}")

    def check_leftovers(self) -> None:
        """Raise `AssertionError` if every kill has left a file."""
        names = Disk(self._store.simulated.perform).names()
        assert len(names) <= MOST_FILES, f"kills have left these files: {', '.join(names)}"
