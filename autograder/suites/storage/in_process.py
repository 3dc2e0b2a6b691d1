"""A storage in this process: how anyone's backend is checked without a cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.cluster.disk import SimulatedDisk
from autograder.suites.storage.conformance import Entries, Entry
from labs.node import Disk
from labs.node.disk import FolderDisk

Backend = Callable[[Disk], Any]


class InProcess:
    """A `Store` (`conformance.py`) of the class `backend`, on the disk that `disk` makes each time."""

    def __init__(self, backend: Backend, disk: Callable[[], Disk]) -> None:
        self._backend = backend
        self._disk = disk
        self._storage: Any = None

    async def open(self) -> None:
        self._storage = self._backend(self._disk())

    async def close(self) -> None:
        self._storage.close()

    async def get(self, key: str) -> Entry:
        return as_entry("get", self._storage.get(key))

    async def put(self, key: str, value: str, version: int) -> None:
        self._storage.put(key, value, version)

    async def items(self, *prefix: str) -> Entries:
        return [(key, as_entry("items", found)) for key, found in self._storage.items(*prefix)]


class OnFolder(InProcess):
    """On a real folder; each storage finds there what another process would find."""

    def __init__(self, backend: Backend, folder: Path) -> None:
        super().__init__(backend, lambda: Disk(FolderDisk(folder).perform, str(folder)))


class OnSimulatedDisk(InProcess):
    """On a disk in memory, which can be crashed (`crashes.py`); what else it keeps is in `folder`."""

    def __init__(self, backend: Backend, folder: Path) -> None:
        self.simulated = SimulatedDisk()
        super().__init__(backend, lambda: Disk(self.simulated.perform, str(folder)))

    async def recover(self) -> dict[str, Entry]:
        """Make the storage anew, as after a kill, and return what it holds."""
        await self.open()
        return dict(await self.items())


def as_entry(method: str, found: Any) -> Entry:
    """What a storage returned, if it is an entry; raises `AssertionError` if not."""
    match found:
        case (str(value), int(version)):
            return Entry(value, version)
    raise AssertionError(f"{method} returns {found!r:.80}, which is no entry")
