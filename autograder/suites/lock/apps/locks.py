"""A client that uses locks: a clerk of some store, and on it a lock of the student's for each name."""

from typing import Any

from labs.node import Node
from labs.node.hosts.load import load

Lock = load("lock/lock.py:Lock")


class Locks:
    """`clerk` names the class of the clerk of `store`."""

    def __init__(self, node: Node, store: str, clerk: str) -> None:
        self._clerk = load(clerk)(node, store)
        self._locks: dict[str, Any] = {}

    async def acquire(self, name: str) -> None:
        """Acquire the lock of that name."""
        await self._lock(name).acquire()

    async def release(self, name: str) -> None:
        """Release the lock of that name."""
        await self._lock(name).release()

    def _lock(self, name: str) -> Any:
        if name not in self._locks:
            self._locks[name] = Lock(self._clerk, name)
        return self._locks[name]
