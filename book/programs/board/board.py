"""A price on a board that hangs in one of the stores which the harness offers."""

from gossip.services import KV
from labs.node import KeyDoesNotExist, Node


class Desk:
    """Reads the price, and sets it."""

    def __init__(self, node: Node, store: str) -> None:
        self.node, self.kv = node, KV(node, store)

    async def write(self, price: int) -> None:
        await self.kv.write("price", price)

    async def read(self) -> int | None:
        try:
            price: int = await self.kv.read("price")
        except KeyDoesNotExist:
            return None
        return price


class Raising(Desk):
    """Reads a price, and writes one that is higher by 1."""

    async def raise_it(self) -> None:
        await self.write((await self.read() or 0) + 1)


class Fresh(Raising):
    """Changes something before it reads, and no two changes are alike."""

    changes = 0

    async def read(self) -> int | None:
        self.changes += 1
        await self.kv.write("nobody reads this", f"change {self.changes} of {self.node.id}")
        return await super().read()
