"""A lock of a flag and good manners: if it is down, raise it and go in."""

import asyncio
from contextlib import suppress
from typing import Any

from labs.node import KeyDoesNotExist, Node, PreconditionFailed


class Flag:
    """Looks whether the flag is down, and raises it."""

    def __init__(self, node: Node, store: str, clerk: Any, pause: float = 0.02) -> None:
        self.clerk = clerk(node, store)
        self.pause = pause  # seconds between two looks

    async def acquire(self, name: str) -> None:
        while (await self.look(name))[0] == "up":
            await asyncio.sleep(self.pause)
        await self.set(name, "up")

    async def release(self, name: str) -> None:
        await self.set(name, "down")

    async def look(self, name: str) -> tuple[str, int]:
        """The flag, and its version."""
        with suppress(KeyDoesNotExist):
            found: tuple[str, int] = await self.clerk.get(name)
            return found
        return "down", 0

    async def set(self, name: str, flag: str) -> None:
        """Put the flag up or down, wherever it is by now."""
        done = False
        while not done:
            _, version = await self.look(name)
            with suppress(PreconditionFailed):
                await self.clerk.put(name, flag, version)
                done = True
