"""A basket that is kept twice. Of two versions, the one that was written later stays."""

import asyncio
import time
from dataclasses import dataclass, field

from labs.node import Message, Node, Request, handler

PERIOD = 0.05  # seconds between two rounds of gossip


@dataclass(frozen=True)
class Basket(Message):
    """What is in the basket, and when it was put like that."""

    things: list[str] = field(default_factory=list)
    stamp: float = 0.0


@dataclass(frozen=True)
class Get(Request[Basket]):
    """Asks what is in the basket."""


@dataclass(frozen=True)
class Done(Message):
    """The basket is as you want it."""


@dataclass(frozen=True)
class Put(Request[Done]):
    """Says what shall be in the basket."""

    things: list[str]


class Latest(Node):
    """One of the two. It answers at once, and tells the other now and then what it has."""

    def __init__(self, period: float = PERIOD) -> None:
        self.period = period
        self.basket = Basket()

    @handler
    async def get(self, request: Get) -> Basket:
        return self.basket

    @handler
    async def put(self, request: Put) -> Done:
        self.basket = Basket(request.things, time.time())
        return Done()

    @handler
    async def hear(self, theirs: Basket) -> None:
        self.basket = max(self.basket, theirs, key=lambda basket: basket.stamp)

    async def main(self) -> None:
        while True:
            for peer in self.peers:
                if peer != self.id:
                    self.send(peer, self.basket)
            await asyncio.sleep(self.period)


class Shopper:
    """Shops with one of the two."""

    def __init__(self, node: Node, replica: str) -> None:
        self.node, self.replica = node, replica

    async def look(self) -> list[str]:
        return (await self.node.call(self.replica, Get())).things

    async def add(self, thing: str) -> None:
        await self.node.call(self.replica, Put([*await self.look(), thing]))
