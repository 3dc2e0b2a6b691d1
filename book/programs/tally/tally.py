"""The visitors of a shop with several doors. Each door has a node, which counts and tells the others."""

import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, handler

PERIOD = 0.1  # seconds between two rounds of gossip


@dataclass(frozen=True)
class AddOk(Message):
    """They are counted."""


@dataclass(frozen=True)
class Add(Request[AddOk]):
    """So many came in."""

    delta: int


@dataclass(frozen=True)
class ReadOk(Message):
    """So many came in, through all doors."""

    value: int


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    """Asks for the visitors of all doors."""


@dataclass(frozen=True)
class Heard(Message):
    """A number that one node tells another."""

    number: int


class Door(Node):
    """Counts."""

    def __init__(self) -> None:
        self.total = 0

    @handler
    async def add(self, request: Add) -> AddOk:
        self.total += request.delta
        return AddOk()

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(self.total)

    def tell(self, number: int) -> None:
        for peer in self.peers:
            if peer != self.id:
                self.send(peer, Heard(number))


class Sum(Door):
    """Tells once what came, and adds what it hears."""

    @handler
    async def add(self, request: Add) -> AddOk:
        self.tell(request.delta)
        return await super().add(request)

    @handler
    async def hear(self, theirs: Heard) -> None:
        self.total += theirs.number


class Largest(Door):
    """Tells its total again and again, and takes what is larger."""

    @handler
    async def hear(self, theirs: Heard) -> None:
        self.total = max(self.total, theirs.number)

    async def main(self) -> None:
        while True:
            self.tell(self.total)
            await asyncio.sleep(PERIOD)
