"""The storage that anyone can read: all entries in one JSON file, replaced whole by every put."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from labs.node import Disk, KeyDoesNotExist, Unavailable
from storage.storage import Entry, StorageDamaged, StorageFailed, require_version

FILE = "store.json"
# the names of your other files
# Your code here.


class FileStorage:
    """A `Storage` in one file of its disk, `store.json`: a JSON object with a member for each key.

        "key": {
          "value": "the value",
          "version": 1
        }

    The file is for people, too: it is UTF-8, the keys are sorted, and it looks as `json.dumps` writes it
    with an indentation of two, and with nothing escaped that JSON lets stand. At every moment it is the
    whole store; until the first put it need not be there. What other files there are is your choice.
    """

    def __init__(self, disk: Disk) -> None:
        """Take what is on the disk, for this storage alone.

        Raises `StorageDamaged`, with the name of the file and what is wrong with it, for one that no
        `FileStorage` has written, and `Unavailable` if another one uses this disk.
        """
        raise NotImplementedError("FileStorage.__init__ is yours to write")

    def get(self, key: str) -> Entry:
        """See `Storage`."""
        raise NotImplementedError("FileStorage.get is yours to write")

    def put(self, key: str, value: str, version: int) -> None:
        """See `Storage`."""
        # on the disk first, then in memory
        raise NotImplementedError("FileStorage.put is yours to write")

    def items(self, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """See `Storage`."""
        raise NotImplementedError("FileStorage.items is yours to write")

    def close(self) -> None:
        """See `Storage`."""
        raise NotImplementedError("FileStorage.close is yours to write")

    # your own methods
    # Your code here.


# from entries to bytes, and back
# Your code here.
