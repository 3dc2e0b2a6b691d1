"""Docks that have a lease of the card while they count, and a shelf that asks for its token."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from labs.node import Node, PreconditionFailed, Request, handler
from shelf.shelf import Card, ReadOk, Shelf, WriteOk


class LeasingDock(Card):
    """Holds the lease from its look at the card until it has written."""

    def __init__(
        self, node: Node, shelf: str, store: str, clerk: Any, lease: Any, seconds: float
    ) -> None:
        super().__init__(node, shelf)
        self.lease = lease(clerk(node, store), "card", seconds)

    async def add(self, pallets: int) -> None:
        await self.lease.acquire()
        number = await self.read()
        await asyncio.sleep(0.05)  # somebody counts
        await self.write(number + pallets)
        await self.lease.release()


@dataclass(frozen=True)
class FencedRead(Request[ReadOk]):
    """Asks what the card says, in the name of whoever has this token."""

    token: int


@dataclass(frozen=True)
class FencedWrite(Request[WriteOk]):
    """Asks to write a number on the card, in the name of whoever has this token."""

    number: int
    token: int


class FencedShelf(Shelf):
    """Refuses whoever comes with a lower token than the highest that it has seen."""

    def __init__(self) -> None:
        super().__init__()
        self.highest = 0

    def admit(self, token: int) -> None:
        if token < self.highest:
            raise PreconditionFailed(f"token {token} is below {self.highest}")
        self.highest = token

    @handler
    async def fenced_read(self, request: FencedRead) -> ReadOk:
        self.admit(request.token)
        return ReadOk(self.number)

    @handler
    async def fenced_write(self, request: FencedWrite) -> WriteOk:
        self.admit(request.token)
        self.number = request.number
        return WriteOk()


class WriteFencedDock(LeasingDock):
    """Shows its token with what it writes, and begins again if it is refused."""

    async def add(self, pallets: int) -> None:
        while not await self.added(pallets):
            pass

    async def added(self, pallets: int) -> bool:
        """Whether the shelf has taken it."""
        token, taken = await self.lease.acquire(), False
        with suppress(PreconditionFailed):
            number = await self.look(token)
            await asyncio.sleep(0.05)  # somebody counts
            await self.node.call(self.shelf, FencedWrite(number + pallets, token))
            taken = True
        await self.lease.release()
        return taken

    async def look(self, token: int) -> int:
        """What the card says; nobody needs a token to read."""
        return await self.read()


class FencedDock(WriteFencedDock):
    """Shows its token with all that it asks."""

    async def look(self, token: int) -> int:
        """What the card says, and whoever had the lease before may write no more."""
        return (await self.node.call(self.shelf, FencedRead(token))).number
