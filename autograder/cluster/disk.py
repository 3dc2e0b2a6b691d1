"""The disk of one node, held by the cluster: what a kill leaves, and what a power loss leaves."""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import deepcopy
from random import Random
from typing import NamedTuple

from labs.node.disk import DiskAnswer, DiskOperation

CAPACITY = 1 << 28  # bytes


class SimulatedDisk:
    """Files in memory, and beside them what of them is durable.

    A kill loses nothing that was written. A power loss keeps, of every file, what was synced and a
    prefix of the rest that the seed chooses, or what it held before it was emptied; and of the folder's
    changes since its last sync, a prefix.
    (Pillai and others, All File Systems Are Not Created Equal, OSDI 2014, section 2.)
    """

    def __init__(self) -> None:
        self.capacity = CAPACITY
        self.failing: Collection[str] = ()  # the verbs that it answers with an input/output error
        self.before: Callable[[DiskOperation], object] | None = None  # is told of each operation
        self._files: dict[str, File] = {}
        self._durable: dict[str, File] = {}
        self._pending: list[Change] = []  # changes of the folder that no sync made durable
        self._locked: set[File] = set()

    def perform(self, operation: DiskOperation) -> DiskAnswer:
        """Do one operation; see `labs.node.disk`."""
        if self.before is not None:
            self.before(operation)
        if operation.verb in self.failing:
            return DiskAnswer(failed=True)
        match operation.verb:
            case "names":
                return DiskAnswer(names=sorted(self._files))
            case "sync":
                self._sync()
            case "create":
                self._file(operation.name).empty()
            case "append":
                return self._append(operation)
            case "lock":
                return self._lock(operation)
            case _:
                return self._use(operation)
        return DiskAnswer()

    def _use(self, operation: DiskOperation) -> DiskAnswer:
        """Do an operation on a file that has to be there, or else is only reported missing."""
        file = self._files.get(operation.name)
        if file is None:
            return DiskAnswer(missing=operation.verb != "unlock")
        match operation.verb:
            case "read":
                return DiskAnswer(bytes(file.data))
            case "fsync":
                file.sync()
            case "replace":
                self._change(Change(file, operation.name, operation.target))
            case "remove":
                self._change(Change(file, operation.name, ""))
            case "unlock":
                self._locked.discard(file)
        return DiskAnswer()

    @property
    def size(self) -> int:
        """The bytes of all its files."""
        return sum(len(file.data) for file in self._files.values())

    def free_locks(self) -> None:
        """The process that held them is gone."""
        self._locked.clear()

    def lose_power(self, random: Random) -> None:
        """Forget what was not durable, as far as the seed says."""
        for change in self._pending[: random.randint(0, len(self._pending))]:
            change.apply(self._durable)
        for file in self._durable.values():
            file.tear(random)
        self._files = dict(self._durable)
        self._pending = []
        self.free_locks()

    def copy(self) -> SimulatedDisk:
        """Another disk that holds the same, durable and not; nobody has locked anything there."""
        other = SimulatedDisk()
        other.become(self)
        return other

    def become(self, other: SimulatedDisk) -> None:
        """Hold from now on what `other` holds at this moment."""
        state = (other._files, other._durable, other._pending)
        self._files, self._durable, self._pending = deepcopy(state)
        self.free_locks()

    def _file(self, name: str) -> File:
        """The file of that name, made if need be."""
        if name not in self._files:
            self._change(Change(File(), "", name))
        return self._files[name]

    def _append(self, operation: DiskOperation) -> DiskAnswer:
        """Write what there is room for, as a real disk does."""
        room = max(0, self.capacity - self.size)
        self._file(operation.name).data += operation.data[:room]
        return DiskAnswer(full=len(operation.data) > room)

    def _lock(self, operation: DiskOperation) -> DiskAnswer:
        file = self._file(operation.name)
        if file in self._locked:
            return DiskAnswer(locked=True)
        self._locked.add(file)
        return DiskAnswer()

    def _change(self, change: Change) -> None:
        change.apply(self._files)
        self._pending.append(change)

    def _sync(self) -> None:
        self._durable = dict(self._files)
        self._pending = []


class File:
    """The bytes of a file, and how many of them are durable."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.synced = 0
        self.before = b""  # what was durable before the file was emptied, until the next sync

    def empty(self) -> None:
        """Forget all bytes; a power loss may bring the durable ones back."""
        if self.synced:
            self.before = bytes(self.data[: self.synced])
        self.data, self.synced = bytearray(), 0

    def sync(self) -> None:
        """Make all bytes durable."""
        self.synced, self.before = len(self.data), b""

    def tear(self, random: Random) -> None:
        """Keep what is durable and a part of the rest."""
        if self.before and random.random() < 0.5:
            self.data = bytearray(self.before)
        else:
            del self.data[random.randint(self.synced, len(self.data)) :]
        self.sync()


class Change(NamedTuple):
    """A change of the folder: `file` gets the name `new` instead of `old`; an empty one is no name."""

    file: File
    old: str
    new: str

    def apply(self, folder: dict[str, File]) -> None:
        """Make the change."""
        folder.pop(self.old, None)
        if self.new:
            folder[self.new] = self.file
