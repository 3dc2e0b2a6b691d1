"""What the nodes of one run may lay on the grader: frames, and files in the folder that they share."""

from __future__ import annotations

import os
from collections.abc import Iterator

from autograder.cluster.errors import NodeFault
from labs.node.hosts import control
from labs.node.hosts.control import Report
from labs.node.messages import UNREADABLE

REPORTED = 1 << 29  # bytes of frames from all nodes
STORED = 1 << 30  # bytes of their files
FILES = 20_000


class Intake:
    """Takes the frames of all nodes of a run, and no more than the grader has room for."""

    def __init__(self) -> None:
        self._left = REPORTED
        self._quota: Quota | None = None

    def watch(self, folder: str) -> None:
        """Bound what is stored in a folder from now on."""
        self._quota = self._quota or Quota(folder)

    def decode(self, node: str, frame: bytes) -> Report:
        """A report from its frame; raises `NodeFault` for what is none, and for one too many."""
        self._left -= len(frame)
        if self._left < 0:
            raise NodeFault(node, f"with it, nodes have sent and printed over {REPORTED >> 20} MiB")
        self.look(node)
        try:
            return control.decode_report(frame)
        except UNREADABLE as error:
            raise NodeFault(node, f"broke the control protocol: {error}") from None

    def look(self, node: str) -> None:
        """Raise `NodeFault` if more is stored than may be; the node is the one that ran last."""
        if self._quota is not None and self._quota.is_exceeded():
            raise NodeFault(
                node,
                f"the shared folder holds over {STORED >> 20} MiB, or over {FILES:,} files",
            )


class Quota:
    """A bound on a folder, cheap to look at: only if the disk has become fuller are its files counted."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._blocks, self._inodes = self._free()

    def is_exceeded(self) -> bool:
        """Whether the folder holds too much."""
        blocks, inodes = self._free()
        if self._blocks - blocks < STORED // 2 and self._inodes - inodes < FILES // 2:
            return False
        self._blocks, self._inodes = blocks, inodes  # perhaps others have filled it
        size = 0
        for number, more in enumerate(sizes(self._folder), start=1):
            size += more
            if size > STORED or number > FILES:
                return True
        return False

    def _free(self) -> tuple[int, int]:
        """Bytes and files that the disk has room for."""
        found = os.statvfs(self._folder)
        return found.f_bfree * found.f_frsize, found.f_ffree


def sizes(folder: str) -> Iterator[int]:
    """The bytes that each file and folder below a folder takes; what cannot be seen is too much."""
    left = [folder]
    while left:
        try:
            with os.scandir(left.pop()) as entries:
                for entry in entries:
                    yield entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
        except FileNotFoundError:  # gone in the meantime
            continue
        except OSError:
            yield STORED + 1
