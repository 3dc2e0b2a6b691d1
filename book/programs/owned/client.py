"""A client of locks in a class whose locks have an owner."""

from typing import Any

from labs.node import Node
from labs.node.hosts.load import load

Lock = load("lock/lock.py:Lock")


class Client:
    """One lock, made as this class's handout says: with the text that is stored while it is held."""

    def __init__(self, node: Node, store: str, clerk: str, owner: str) -> None:
        self.lock: Any = Lock(load(clerk)(node, store), "a", owner)

    async def acquire(self) -> None:
        await self.lock.acquire()

    async def release(self) -> None:
        await self.lock.release()
