"""The storage that stores nothing: entries in memory, gone with the process."""

from __future__ import annotations

from collections.abc import Iterator

from labs.node import Disk, KeyDoesNotExist
from storage.storage import Entry, require_version


class MemoryStorage:
    """A `Storage` without a disk. It is what the others are measured against, and durable in nothing."""

    def __init__(self, disk: Disk) -> None:
        self._entries: dict[str, Entry] = {}

    def get(self, key: str) -> Entry:
        """See `Storage`."""
        if key not in self._entries:
            raise KeyDoesNotExist(f"there is no {key!r:.80}")
        return self._entries[key]

    def put(self, key: str, value: str, version: int) -> None:
        """See `Storage`."""
        require_version(self._entries.get(key), key, version)
        self._entries[key] = Entry(value, version + 1)

    def items(self, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """See `Storage`."""
        found = [item for item in self._entries.items() if item[0].startswith(prefix)]
        return iter(sorted(found))

    def close(self) -> None:
        """See `Storage`."""
