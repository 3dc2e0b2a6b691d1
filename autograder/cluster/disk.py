"""The disk of one node, held by the cluster: what a kill leaves, and what a power loss leaves."""

from __future__ import annotations

from random import Random

from labs.node.disk import DiskAnswer, DiskOperation


class SimulatedDisk:
    """Files in memory, and beside them what of them is durable.

    A kill loses nothing that was written. A power loss keeps, of every file, what was synced and a
    prefix of the rest that the seed chooses; and of the folder's changes since its last sync, a prefix.
    (Pillai and others, All File Systems Are Not Created Equal, OSDI 2014, section 2.)
    """

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._durable: dict[str, File] = {}
        self._pending: list[DiskOperation] = []  # changes of the folder that no sync made durable

    def perform(self, operation: DiskOperation) -> DiskAnswer:
        """Do one operation; see `labs.node.disk`."""
        verb, name = operation.verb, operation.name
        if verb in ("names", "sync", "create"):
            return getattr(self, f"_{verb}")(operation)  # type: ignore[no-any-return]
        if verb == "append" and name not in self._files:
            self._create(operation)
        if name not in self._files:
            return DiskAnswer(missing=True)
        return getattr(self, f"_{verb}")(operation)  # type: ignore[no-any-return]

    def lose_power(self, random: Random) -> None:
        """Forget what was not durable, as far as the seed says."""
        for operation in self._pending[: random.randint(0, len(self._pending))]:
            change(self._durable, operation, self._made(operation))
        for file in self._durable.values():
            file.tear(random)
        self._files = dict(self._durable)
        self._pending = []

    def _made(self, operation: DiskOperation) -> File:
        return self._files.get(operation.name) or File()

    def _names(self, operation: DiskOperation) -> DiskAnswer:
        return DiskAnswer(names=sorted(self._files))

    def _read(self, operation: DiskOperation) -> DiskAnswer:
        return DiskAnswer(bytes(self._files[operation.name].data))

    def _create(self, operation: DiskOperation) -> DiskAnswer:
        old = self._files.get(operation.name)
        if old is not None:
            old.data, old.synced = bytearray(), 0
        else:
            self._change(DiskOperation("create", operation.name))
        return DiskAnswer()

    def _append(self, operation: DiskOperation) -> DiskAnswer:
        self._files[operation.name].data += operation.data
        return DiskAnswer()

    def _fsync(self, operation: DiskOperation) -> DiskAnswer:
        file = self._files[operation.name]
        file.synced = len(file.data)
        return DiskAnswer()

    def _replace(self, operation: DiskOperation) -> DiskAnswer:
        self._change(operation)
        return DiskAnswer()

    def _remove(self, operation: DiskOperation) -> DiskAnswer:
        self._change(operation)
        return DiskAnswer()

    def _change(self, operation: DiskOperation) -> None:
        change(self._files, operation, File())
        self._pending.append(operation)

    def _sync(self, operation: DiskOperation) -> DiskAnswer:
        self._durable = dict(self._files)
        self._pending = []
        return DiskAnswer()


class File:
    """The bytes of a file, and how many of them are durable."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.synced = 0

    def tear(self, random: Random) -> None:
        """Keep what is durable and a part of the rest."""
        del self.data[random.randint(self.synced, len(self.data)) :]
        self.synced = len(self.data)


def change(files: dict[str, File], operation: DiskOperation, made: File) -> None:
    """Create, rename or remove an entry of a folder."""
    if operation.verb == "create":
        files[operation.name] = made
    elif operation.verb == "remove":
        files.pop(operation.name, None)
    elif operation.name in files:
        files[operation.target] = files.pop(operation.name)
