"""The last seat of a flight, sold by a node that has one thread and one loop."""

import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, Unavailable, handler


@dataclass(frozen=True)
class Sold(Message):
    """The seat is yours; so many are left."""

    left: int


@dataclass(frozen=True)
class Buy(Request[Sold]):
    """Asks for a seat. The answer may be the error Unavailable: there is none left."""


class Desk(Node):
    """Sells a seat, if there is one; a line about it is written first."""

    def __init__(self, seats: int = 1) -> None:
        self.seats = seats

    async def note(self, line: str) -> None:
        """Write a line to a log that is a millisecond away."""
        await asyncio.sleep(0.001)

    @handler
    async def buy(self, request: Buy) -> Sold:
        """Sell one, and say so in the log."""
        if self.seats == 0:
            raise Unavailable("sold out")
        await self.note("one seat sold")
        self.seats -= 1
        return Sold(self.seats)


class NotingAfter(Desk):
    """The same, and nothing between the look and the sale."""

    @handler
    async def buy(self, request: Buy) -> Sold:
        """Sell one; then say so in the log."""
        if self.seats == 0:
            raise Unavailable("sold out")
        self.seats -= 1
        left = self.seats
        await self.note("one seat sold")
        return Sold(left)


class Locking(Desk):
    """The same, for what has to wait between the look and the sale."""

    def __init__(self, seats: int = 1) -> None:
        super().__init__(seats)
        self.one_at_a_time = asyncio.Lock()

    @handler
    async def buy(self, request: Buy) -> Sold:
        """Let one passenger after the other look and buy."""
        async with self.one_at_a_time:
            return await super().buy(request)


class Passenger:
    """Buys a seat."""

    def __init__(self, node: Node, desk: str) -> None:
        self.node, self.desk = node, desk

    async def buy(self) -> int:
        """How many seats are left after this one. Raises `Unavailable`."""
        return (await self.node.call(self.desk, Buy())).left
