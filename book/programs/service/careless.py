"""A backend that keeps a journal: every put is a line at its end. It is quick, and believes its disk."""

import json
from collections.abc import Iterator
from contextlib import suppress

from labs.node import Disk, KeyDoesNotExist, Unavailable
from storage.storage import Entry, require_version

JOURNAL, LOCK = "journal", "lock"


class Journal:
    """A `Storage` whose puts are written, and not yet durable, when they return."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.entries: dict[str, Entry] = {}
        self._lock()
        if disk.exists(JOURNAL):
            with disk.open(JOURNAL, "rb") as file:
                for line in file.read().splitlines():
                    with suppress(ValueError):  # a line that a kill has torn: nobody was told of it
                        key, value, version = json.loads(line)
                        self.entries[key] = Entry(value, version)

    def get(self, key: str) -> Entry:
        """See `Storage`."""
        if key not in self.entries:
            raise KeyDoesNotExist(f"there is no {key!r:.80}")
        return self.entries[key]

    def put(self, key: str, value: str, version: int) -> None:
        """See `Storage`."""
        require_version(self.entries.get(key), key, version)
        with self.disk.open(JOURNAL, "ab") as file:
            file.write(b"\n" + json.dumps([key, value, version + 1]).encode())
        self.entries[key] = Entry(value, version + 1)

    def items(self, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """See `Storage`."""
        return iter(sorted(item for item in self.entries.items() if item[0].startswith(prefix)))

    def close(self) -> None:
        """See `Storage`."""
        self.disk.unlock(LOCK)

    def _lock(self) -> None:
        try:
            self.disk.lock(LOCK)
        except BlockingIOError:
            raise Unavailable("another process uses this disk") from None
