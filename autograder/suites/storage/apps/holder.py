"""A storage in the process of a node, used directly: what a session invokes is what its storage does."""

from collections.abc import Callable, Iterable
from typing import Any

from labs.node import Disk, Node


class Holder:
    """Holds a storage of the class `storage` on its node's disk, once it is opened."""

    def __init__(self, node: Node, storage: Callable[[Disk], Any]) -> None:
        self._disk = node.disk
        self._make = storage
        self._storage: Any = None

    async def open(self) -> None:
        """Make the storage anew, as after a restart. One that was open is forgotten, as by a kill."""
        self._storage = self._make(self._disk)

    async def close(self) -> None:
        """Close the storage."""
        self._storage.close()

    async def get(self, key: str) -> Any:
        """See `storage.storage.Storage`."""
        return self._storage.get(key)

    async def put(self, key: str, value: str, version: int) -> Any:
        """See `storage.storage.Storage`."""
        return self._storage.put(key, value, version)

    async def items(self, *prefix: str) -> list[Any]:
        """See `storage.storage.Storage`."""
        found = self._storage.items(*prefix)
        if not isinstance(found, Iterable):
            raise TypeError(f"items() of the storage returns {found!r:.80}: write return iter(...)")
        return list(found)

    async def recover(self) -> list[Any]:
        """Open the storage, and return what it holds."""
        await self.open()
        return await self.items()
