"""Every node keeps every operation, and nodes compare how many of each other they have."""

import asyncio
from dataclasses import dataclass

from gossip.journal import Journal
from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class AddOk(Message):
    pass


@dataclass(frozen=True)
class Add(Request[AddOk]):
    delta: int


@dataclass(frozen=True)
class ReadOk(Message):
    value: int


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    pass


@dataclass(frozen=True)
class Digest(Message):
    """What I have of each origin: how many changes. Tell me the rest."""

    from_: str
    have: dict[str, int]


@dataclass(frozen=True)
class Changes(Message):
    origin: str
    first: int
    deltas: list[int]


class PNCounter(Node):
    """All changes of all nodes in everybody's journal; who hears a digest sends what the other lacks, of
    whichever origin."""

    def __init__(self):
        self.journal = Journal(self.disk)
        self.changes = {peer: [] for peer in self.peers}
        for origin, deltas in self.journal.entries():
            self.changes[origin] += deltas

    @handler
    async def add(self, request: Add) -> AddOk:
        self.journal.add([self.id, [request.delta]])
        self.changes[self.id].append(request.delta)
        return AddOk()

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(sum(map(sum, self.changes.values())))

    @handler
    async def digest(self, message: Digest) -> None:
        for origin, deltas in self.changes.items():
            first = message.have.get(origin, 0)
            if first < len(deltas):
                self.send(message.from_, Changes(origin, first, deltas[first : first + 200]))

    @handler
    async def take(self, message: Changes) -> None:
        mine = self.changes[message.origin]
        if message.first <= len(mine):
            new = message.deltas[len(mine) - message.first :]
            if new:
                self.journal.add([message.origin, new])
                mine += new

    async def main(self):
        others = [peer for peer in self.peers if peer != self.id]
        while True:
            await asyncio.sleep(0.3)
            have = {origin: len(deltas) for origin, deltas in self.changes.items()}
            self.send(self.random.choice(others), Digest(self.id, have))
