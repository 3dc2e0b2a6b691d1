"""Locks that raise the very flag that they saw down, and know what to make of a Maybe."""

import asyncio
from contextlib import suppress

from gate.flag import Flag
from kv.messages import Maybe
from labs.node import PreconditionFailed


class Hopeful(Flag):
    """Maybe it was done? Then it was done."""

    believes = True  # that a put which was a Maybe was done

    async def acquire(self, name: str) -> None:
        while not await self.raised(name):
            await asyncio.sleep(self.pause)

    async def raised(self, name: str) -> bool:
        """Whether the flag was down, and is up by this."""
        flag, version = await self.look(name)
        try:
            if flag == "down":
                await self.clerk.put(name, "up", version)
        except PreconditionFailed:
            return False
        except Maybe:
            return self.believes
        return flag == "down"

    async def release(self, name: str) -> None:
        """Lower the flag, and see to it that it is down."""
        while True:
            flag, version = await self.look(name)
            if flag == "down":
                return
            with suppress(PreconditionFailed, Maybe):
                await self.clerk.put(name, "down", version)
                return


class Doubtful(Hopeful):
    """Maybe it was done? Then it was not, and is tried again."""

    believes = False
