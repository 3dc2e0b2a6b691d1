"""The storage that anyone can read: all entries in one JSON file, replaced whole by every put."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from labs.node import Disk, KeyDoesNotExist, Unavailable
from storage.storage import Entry, StorageDamaged, StorageFailed, require_version

FILE = "store.json"
# BEGIN SOLUTION: the names of your other files
_NEW = "store.json.new"
_LOCK = "store.lock"
# END SOLUTION


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
        # BEGIN SOLUTION
        self._disk = disk
        self._entries: dict[str, Entry] = {}
        self._failure = ""
        self._lock()
        try:
            # A put that was killed may have replaced the file and not synced the folder. Who reads
            # its entry now must not see it vanish with the power.
            disk.sync()
            self._discard_new()
            self._entries = self._read()
        except BaseException:
            disk.unlock(_LOCK)
            raise
        # END SOLUTION

    def get(self, key: str) -> Entry:
        """See `Storage`."""
        # BEGIN SOLUTION
        self._require_working()
        if key not in self._entries:
            raise KeyDoesNotExist(f"there is no {key!r:.80}")
        return self._entries[key]
        # END SOLUTION

    def put(self, key: str, value: str, version: int) -> None:
        """See `Storage`."""
        # BEGIN SOLUTION: on the disk first, then in memory
        self._require_working()
        require_version(self._entries.get(key), key, version)
        entries = {**self._entries, key: Entry(value, version + 1)}
        self._write_new(_encode(entries))
        self._replace()
        self._entries = entries
        # END SOLUTION

    def items(self, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """See `Storage`."""
        # BEGIN SOLUTION
        self._require_working()
        found = [item for item in self._entries.items() if item[0].startswith(prefix)]
        return iter(sorted(found))
        # END SOLUTION

    def close(self) -> None:
        """See `Storage`."""
        # BEGIN SOLUTION
        self._disk.unlock(_LOCK)
        # END SOLUTION

    # BEGIN SOLUTION: your own methods
    def _lock(self) -> None:
        try:
            self._disk.lock(_LOCK)
        except BlockingIOError:
            raise Unavailable(f"another process uses {FILE}") from None

    def _read(self) -> dict[str, Entry]:
        if not self._disk.exists(FILE):
            return {}
        data = self._disk.open(FILE).read()
        return _decode(data)

    def _write_new(self, data: bytes) -> None:
        """Have everything on the disk under another name; if that fails, nothing has been changed."""
        try:
            with self._disk.open(_NEW, "wb") as file:
                file.write(data)
                file.fsync()
        except OSError as error:
            self._discard_new()
            raise Unavailable(f"nothing was stored: {error}") from None

    def _replace(self) -> None:
        """Let the new file take the place of the old; if that fails, nobody knows which is there."""
        try:
            self._disk.replace(_NEW, FILE)
            self._disk.sync()
        except OSError as error:
            self._failure = f"{FILE} may hold a put that failed or not: start again ({error})"
            raise StorageFailed(self._failure) from None

    def _discard_new(self) -> None:
        """Give back the room that an unfinished file takes; the next put would empty it anyway."""
        try:
            self._disk.remove(_NEW)
        except OSError:
            pass

    def _require_working(self) -> None:
        """Refuse everything after a failure: memory and disk may differ until they are read again."""
        if self._failure:
            raise Unavailable(self._failure)

    # END SOLUTION


# BEGIN SOLUTION: from entries to bytes, and back
def _encode(entries: Mapping[str, Entry]) -> bytes:
    plain = {key: entry._asdict() for key, entry in entries.items()}
    text = json.dumps(plain, indent=2, ensure_ascii=False, sort_keys=True)
    return text.encode() + b"\n"


def _decode(data: bytes) -> dict[str, Entry]:
    try:
        found = json.loads(data.decode(), object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        raise StorageDamaged(f"{FILE} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise StorageDamaged(f"{FILE} holds no JSON object")
    return {key: _entry(key, value) for key, value in found.items()}


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, as long as no key stands there twice."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise StorageDamaged(f"{FILE} has the key {key!r:.80} twice")
        found[key] = value
    return found


def _entry(key: str, found: Any) -> Entry:
    match found:
        case {"value": str(value), "version": int(version), **others} if not others:
            if version > 0 and not isinstance(version, bool):
                return Entry(value, version)
    raise StorageDamaged(f"{FILE} has no value and version under {key!r:.80}")


# END SOLUTION
