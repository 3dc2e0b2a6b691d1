"""A dock that counts on a versioned store, through the clerk that it is given."""

from contextlib import suppress
from typing import Any

from labs.node import Node, PreconditionFailed


class Dock:
    """Adds to the number that it read, and reads again if there is another by now."""

    def __init__(self, node: Node, store: str, clerk: Any) -> None:
        self.clerk = clerk(node, store)

    async def add(self, pallets: int) -> None:
        while True:
            number, version = await self.clerk.get("pallets")
            with suppress(PreconditionFailed):
                await self.clerk.put("pallets", str(int(number) + pallets), version)
                return

    async def read(self) -> int:
        number, _ = await self.clerk.get("pallets")
        return int(number)
