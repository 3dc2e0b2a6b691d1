"""What a storage of the key/value server can do: the one interface behind which backends stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from labs.node import RPCError


class Entry(NamedTuple):
    """What is stored under a key: its value, and how many puts have made it."""

    value: str
    version: int


class Storage(Protocol):
    """Keys with values and versions, on a disk.

    A backend is made with one argument, the `Disk` of its node (`labs.node.disk`), and finds there
    what was stored before; it raises `StorageDamaged` for what it cannot have written. Its methods are called one at a time, and may block. When `put` returns,
    the entry is durable: neither a kill nor a power loss takes it back. A put that is cut short by
    either has happened as a whole or not at all.
    """

    def get(self, key: str) -> Entry:
        """What is stored under `key`. Raises `KeyDoesNotExist`."""

    def put(self, key: str, value: str, version: int) -> None:
        """Store `value` under `key` if its version is `version`, which becomes one higher; 0 creates it.

        Raises `KeyDoesNotExist` if there is no such key and `version` is not 0, `PreconditionFailed` if
        it has another version: both are definite. Raises `StorageFailed` if it is not known whether the
        entry is stored, and `Unavailable` (definite) if it is known that it is not.
        """

    def items(self, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """All entries whose key begins with `prefix`, in the order of their keys."""

    def close(self) -> None:
        """Give back what it holds: files, locks. Nothing else is called afterwards."""


class StorageFailed(RPCError):
    """The backend failed, and whether it did what was asked is not known: an indefinite error."""

    code = 1002


class StorageDamaged(RPCError):
    """What the backend finds on its disk is not what it has written. Nothing was changed or emptied."""

    code = 1003
