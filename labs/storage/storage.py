"""What a storage of the key/value server can do: the one interface behind which backends stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from labs.node import KeyDoesNotExist, PreconditionFailed, RPCError


class Entry(NamedTuple):
    """What is stored under a key: its value, and how many puts have made it."""

    value: str
    version: int


class Storage(Protocol):
    """Keys with values and versions, on a disk.

    A backend is a class. An object of it is made with one argument, the `Disk` of its node
    (`labs.node.disk`), and finds there what was stored before. That raises `StorageDamaged` for what
    the backend cannot have written, and `Unavailable` if another process uses the disk. All that an
    object knows is its own or on the disk, nothing in the module.

    Methods are called one at a time, and may block. When `put` returns, the entry is durable: neither
    a kill nor a loss of power takes it back. A put that either of them cuts short has happened as a
    whole or not at all, and what a `get` has returned was not lost, either.
    """

    def get(self, key: str) -> Entry:
        """What is stored under `key`. Raises `KeyDoesNotExist`."""

    def put(self, key: str, value: str, version: int) -> None:
        """Store `value` under `key` if its version is `version`, which becomes one higher; 0 creates it.

        Raises `KeyDoesNotExist` if there is no such key and `version` is not 0, `PreconditionFailed` if
        it has another version, `Unavailable` if the entry could not be stored: all three are definite,
        nothing was changed. Raises `StorageFailed` if it is not known whether the entry is stored.
        """

    def items(self, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """The entries whose key begins with `prefix`, in the order of their keys, as of this call.

        Keys are compared by code points, as Python compares strings.
        """

    def close(self) -> None:
        """Give back what it holds: files, locks. Nothing else is called afterwards."""


class StorageFailed(RPCError):
    """The backend failed, and whether it did what was asked is not known: an indefinite error."""

    code = 1002


class StorageDamaged(RPCError):
    """What the backend finds on its disk is not what it has written. Nothing was changed or emptied."""

    code = 1003


def require_version(entry: Entry | None, key: str, version: int) -> None:
    """Raise the error of a `put` of `version` over `entry`, which is None if there is none."""
    if entry is None and version != 0:
        raise KeyDoesNotExist(f"there is no {key!r:.80}, so no version {version} of it")
    if entry is not None and entry.version != version:
        raise PreconditionFailed(f"{key!r:.80} has version {entry.version}, not {version}")
