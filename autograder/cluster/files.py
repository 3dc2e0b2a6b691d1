"""Kill points: operations on files at which a node may be made to die."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from labs.node.disk import DiskOperation
from labs.node.hosts.control import FileOperation


class Touch(NamedTuple):
    """A node is about to do something to a file; `path` is relative to the shared folder.

    `event` is Python's audit event (`open` for writing, `os.rename`, `os.remove`, ...), or `disk.` and
    the operation on the node's own disk.
    """

    node: str
    event: str
    path: str

    @classmethod
    def of(cls, node: str, waits: FileOperation | DiskOperation) -> Touch:
        """From what the node said that it waits for."""
        if isinstance(waits, DiskOperation):
            return cls(node, f"disk.{waits.verb}", waits.name)
        return cls(node, waits.event, waits.path)


class Leave(NamedTuple):
    """What becomes of a node at a kill point: it goes on, dies, or dies after `size` bytes more."""

    kill: bool
    size: int | None = None


GO = Leave(kill=False)
DIE = Leave(kill=True)
FileRule = Callable[[Touch], Leave]


def tear(size: int) -> Leave:
    """Let the file be opened, and kill the node as it writes byte number `size + 1`."""
    return Leave(kill=True, size=size)
