"""A lease by the calendar: what is stored is the time of day until which it is given."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from labs.node import KeyDoesNotExist, Node, PreconditionFailed

PAUSE = 1.0  # seconds between two looks


class Permit:
    """Takes the lease of a name when its end is over, and gives the time as a token."""

    def __init__(self, node: Node, store: str, clerk: Any, seconds: float) -> None:
        self.clerk = clerk(node, store)
        self.seconds = seconds

    async def acquire(self, name: str) -> int:
        while not await self.taken(name):
            await asyncio.sleep(PAUSE)
        return int(time.time())

    async def taken(self, name: str) -> bool:
        """Whether the time was over, and begins again by this."""
        until, version = await self.look(name)
        if time.time() < until:
            return False
        with suppress(PreconditionFailed):
            await self.clerk.put(name, str(time.time() + self.seconds), version)
            return True
        return False

    async def release(self, name: str) -> None:
        """Let the time be over."""
        until, version = await self.look(name)
        if time.time() < until:
            await self.clerk.put(name, "0", version)

    async def look(self, name: str) -> tuple[float, int]:
        """Until when it is given, and the version."""
        with suppress(KeyDoesNotExist):
            until, version = await self.clerk.get(name)
            return float(until), version
        return 0.0, 0
