"""A journal: entries on the disk of a node, which a crash leaves. Given to every student.

    journal = Journal(self.disk)
    for entry in journal.entries():      # what was added before this node was started
        ...
    journal.add([1, "x"])                # on the disk when this returns

An entry is anything that JSON can carry. It is in the journal whole or not at all: one that was being added
as the node died may be there or not. Tuples come back as lists, and keys of a dict as strings.
"""

from __future__ import annotations

import json
from typing import Any

from labs.node import Disk


class Journal:
    """The entries of one file of a disk."""

    def __init__(self, disk: Disk, name: str = "journal") -> None:
        self._disk = disk
        self._name = name
        self._entries = self._recover()
        self._file = disk.open(name, "ab")
        self._file.fsync()  # what a process wrote that was killed before its own fsync

    def entries(self) -> list[Any]:
        """What was in the journal when it was opened, in the order in which it was added."""
        return self._entries

    def add(self, entry: Any) -> None:
        """Add an entry, and have it on the disk."""
        self._file.write(json.dumps(entry).encode() + b"\n")
        self._file.fsync()

    def _recover(self) -> list[Any]:
        """The entries on the disk; an unfinished one is taken away, so that none is added behind it."""
        data = self._disk.open(self._name).read() if self._disk.exists(self._name) else b""
        whole = data[: data.rfind(b"\n") + 1]
        if whole != data or not data:
            with self._disk.open(f"{self._name}.new", "wb") as file:
                file.write(whole)
                file.fsync()
            self._disk.replace(f"{self._name}.new", self._name)
            self._disk.sync()
        return [json.loads(line) for line in whole.splitlines()]
