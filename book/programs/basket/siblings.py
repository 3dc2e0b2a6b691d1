"""A basket that is kept twice. Of two versions, one stays if it was written by who had seen the other."""

import asyncio
from dataclasses import dataclass, field

from chat.by_vector import VectorClock, before
from labs.node import Message, Node, Request, handler

PERIOD = 0.05  # seconds between two rounds of gossip


@dataclass(frozen=True)
class Version:
    """What somebody put into the basket, and what of others' writes that had been seen."""

    things: list[str]
    vector: dict[str, int]


@dataclass(frozen=True)
class Versions(Message):
    """All versions of the basket that count: more than one, if none had seen the other."""

    versions: list[Version] = field(default_factory=list)


@dataclass(frozen=True)
class Get(Request[Versions]):
    """Asks what is in the basket."""


@dataclass(frozen=True)
class Done(Message):
    """The version is kept."""


@dataclass(frozen=True)
class Put(Request[Done]):
    """Says what shall be in the basket."""

    version: Version


class Siblings(Node):
    """One of the two. It keeps every version that no other has replaced."""

    def __init__(self) -> None:
        self.versions: list[Version] = []

    def take(self, new: Version) -> None:
        if any(new == old or before(new.vector, old.vector) for old in self.versions):
            return
        left = [old for old in self.versions if not before(old.vector, new.vector)]
        self.versions = [*left, new]

    @handler
    async def get(self, request: Get) -> Versions:
        return Versions(self.versions)

    @handler
    async def put(self, request: Put) -> Done:
        self.take(request.version)
        return Done()

    @handler
    async def hear(self, theirs: Versions) -> None:
        for version in theirs.versions:
            self.take(version)

    async def main(self) -> None:
        while True:
            for peer in self.peers:
                if peer != self.id:
                    self.send(peer, Versions(self.versions))
            await asyncio.sleep(PERIOD)


class Shopper:
    """Shops with one of the two, and remembers what it has seen."""

    def __init__(self, node: Node, replica: str, name: str) -> None:
        self.node, self.replica = node, replica
        self.clock = VectorClock(name)

    async def look(self) -> list[list[str]]:
        """The versions that count. From now on they are seen."""
        versions = (await self.node.call(self.replica, Get())).versions
        for version in versions:
            self.clock.witness(version.vector)
        return [version.things for version in versions]

    async def put(self, things: list[str]) -> None:
        """Replace all versions that were seen."""
        await self.node.call(self.replica, Put(Version(things, dict(self.clock.tick()))))

    async def add(self, thing: str) -> None:
        """Put it to all that is in any version."""
        await self.put(sorted({each for things in await self.look() for each in things} | {thing}))

    async def remove(self, thing: str) -> None:
        """Leave it out of all that is in any version."""
        await self.put(sorted({each for things in await self.look() for each in things} - {thing}))
