"""The disk of a node: the only thing that a crash leaves.

    with self.disk.open("log", "ab") as file:
        file.write(b"entry")
        file.fsync()                        # the bytes are durable
    self.disk.replace("log.new", "log")     # atomic: a reader sees the old file or the new one
    self.disk.sync()                        # fsync of the folder: its new names are durable, too

A kill loses nothing that was written. A power loss may lose what was not synced: of a file, its last
bytes, or that it was emptied; of the folder, its last creations, renames and removals. A disk is one
folder without subfolders; files are read whole, replaced whole, or appended to. All of it blocks, as a
real disk does. What a disk cannot do is an `OSError`: `ENOSPC` if it is full, and then a write may be
there in part; `EIO` if it fails.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Literal

import msgspec

from labs.node.errors import Mistake


class DiskOperation(msgspec.Struct, array_like=True, tag=True):
    """One thing asked of a disk."""

    verb: Literal[
        "read", "create", "append", "fsync", "replace", "remove", "names", "sync", "lock", "unlock"
    ]
    name: str = ""
    data: bytes = b""
    target: str = ""


class DiskAnswer(msgspec.Struct, array_like=True):
    """What a disk answers; `missing` says that there is no such file, `full` that it has no room.

    `locked` says that the file is locked already, `failed` that the disk is broken.
    """

    data: bytes = b""
    names: list[str] = []
    missing: bool = False
    full: bool = False
    locked: bool = False
    failed: bool = False


Perform = Callable[[DiskOperation], DiskAnswer]


class Disk:
    """A folder of files that survives a crash of its node.

    `folder` is a real folder beside them, for what keeps files by itself, as a database does. It may
    not be there yet. A kill leaves it as it is; a loss of power is not played on it.
    """

    def __init__(self, perform: Perform, folder: str = "") -> None:
        self._perform = perform
        self.folder = folder

    def open(self, name: str, mode: str = "rb") -> DiskFile:
        """Open a file: `rb` to read, `wb` to write from empty, `ab` to append.

        A file that is opened to append is there from its first write on. Raises `FileNotFoundError` if it
        is to be read and is not there.
        """
        check_name(name)
        if mode not in ("rb", "wb", "ab"):
            raise Mistake(f"disk.open({name!r}, {mode!r}): the mode must be 'rb', 'wb' or 'ab'")
        data = self._do(DiskOperation("read", name)).data if mode == "rb" else b""
        if mode == "wb":
            self._do(DiskOperation("create", name))
        return DiskFile(name, mode, data, self._do)

    def replace(self, source: str, target: str) -> None:
        """Rename `source` to `target`, in one step, over whatever `target` was."""
        check_name(source)
        check_name(target)
        self._do(DiskOperation("replace", source, target=target))

    def remove(self, name: str) -> None:
        """Delete a file."""
        check_name(name)
        self._do(DiskOperation("remove", name))

    def names(self) -> list[str]:
        """The names of all files, sorted."""
        return self._do(DiskOperation("names")).names

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return name in self.names()

    def sync(self) -> None:
        """Make creations, renames and removals durable, as an fsync of the folder does."""
        self._do(DiskOperation("sync"))

    def lock(self, name: str) -> None:
        """Lock a file, which is made if need be, until `unlock` or until this process ends.

        Raises `BlockingIOError` if it is locked, by another process or by this one. A lock belongs to
        the file and not to its name: whoever replaces a file that is locked puts one there that is not.
        Where the system knows no such locks, nothing is done.
        """
        check_name(name)
        self._do(DiskOperation("lock", name))

    def unlock(self, name: str) -> None:
        """Give a lock back; what is not locked stays so."""
        check_name(name)
        self._do(DiskOperation("unlock", name))

    def _do(self, operation: DiskOperation) -> DiskAnswer:
        answer = self._perform(operation)
        if answer.missing:
            raise FileNotFoundError(f"no file {operation.name!r} on this node's disk")
        if answer.full:
            raise OSError(errno.ENOSPC, "this node's disk is full")
        if answer.locked:
            raise BlockingIOError(errno.EWOULDBLOCK, f"{operation.name!r} is locked already")
        if answer.failed:
            raise OSError(errno.EIO, f"this node's disk has failed to {operation.verb}")
        return answer


class DiskFile:
    """An open file of a `Disk`; a context manager."""

    def __init__(self, name: str, mode: str, data: bytes, perform: Perform) -> None:
        self.name = name
        self._mode = mode
        self._data = data
        self._perform = perform

    def read(self) -> bytes:
        """The whole file."""
        self._require("rb")
        return self._data

    def write(self, data: bytes) -> int:
        """Append to the file and return how many bytes; a power loss may take them."""
        self._require("wb", "ab")
        if not isinstance(data, bytes | bytearray):
            raise Mistake(f"a file of the disk holds bytes, not {data!r:.80}: write text.encode()")
        self._perform(DiskOperation("append", self.name, bytes(data)))
        return len(data)

    def fsync(self) -> None:
        """Make what was written durable."""
        self._perform(DiskOperation("fsync", self.name))

    def _require(self, *modes: str) -> None:
        if self._mode not in modes:
            raise Mistake(f"the file {self.name!r} is open as '{self._mode}', not as '{modes[0]}'")

    def __enter__(self) -> DiskFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Nothing to do: a write is with the disk as soon as it returns."""


def check_name(name: str) -> None:
    """Raise `Mistake` unless `name` is that of a file in one flat folder."""
    if "/" in name or "\0" in name or name in ("", ".", ".."):
        raise Mistake(f"disk: {name!r} is no file name: a disk is one folder without subfolders")


class FolderDisk:
    """Performs disk operations on a real folder, for nodes that run for real."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._locks: dict[str, int] = {}  # the descriptors whose locks this process holds

    def perform(self, operation: DiskOperation) -> DiskAnswer:
        """Do it; see `Perform`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            return self._verbs[operation.verb](self, operation)
        except FileNotFoundError:
            return DiskAnswer(missing=True)

    def _read(self, operation: DiskOperation) -> DiskAnswer:
        return DiskAnswer((self._folder / operation.name).read_bytes())

    def _write(self, operation: DiskOperation) -> DiskAnswer:
        mode = "wb" if operation.verb == "create" else "ab"
        with (self._folder / operation.name).open(mode) as file:
            file.write(operation.data)
        return DiskAnswer()

    def _sync(self, operation: DiskOperation) -> DiskAnswer:
        descriptor = os.open(self._folder / operation.name, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return DiskAnswer()

    def _replace(self, operation: DiskOperation) -> DiskAnswer:
        (self._folder / operation.name).replace(self._folder / operation.target)
        return DiskAnswer()

    def _remove(self, operation: DiskOperation) -> DiskAnswer:
        (self._folder / operation.name).unlink()
        return DiskAnswer()

    def _names(self, operation: DiskOperation) -> DiskAnswer:
        return DiskAnswer(names=sorted(path.name for path in self._folder.iterdir()))

    def _lock(self, operation: DiskOperation) -> DiskAnswer:
        try:
            import fcntl
        except ImportError:  # only POSIX has it
            return DiskAnswer()
        descriptor = os.open(self._folder / operation.name, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return DiskAnswer(locked=True)
        self._unlock(operation)  # what had this name before, and was locked
        self._locks[operation.name] = descriptor
        return DiskAnswer()

    def _unlock(self, operation: DiskOperation) -> DiskAnswer:
        descriptor = self._locks.pop(operation.name, None)
        if descriptor is not None:
            os.close(descriptor)
        return DiskAnswer()

    _verbs: ClassVar = {
        "read": _read,
        "create": _write,
        "append": _write,
        "fsync": _sync,
        "sync": _sync,
        "replace": _replace,
        "remove": _remove,
        "names": _names,
        "lock": _lock,
        "unlock": _unlock,
    }
