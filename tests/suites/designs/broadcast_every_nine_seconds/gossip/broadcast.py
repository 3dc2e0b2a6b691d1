"""A message goes to all at once; every nine seconds a node tells all that it knows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class TopologyOk(Message):
    """Heard."""


@dataclass(frozen=True)
class Topology(Request[TopologyOk]):
    topology: dict[str, list[str]]


@dataclass(frozen=True)
class BroadcastOk(Message):
    """Kept."""


@dataclass(frozen=True)
class Broadcast(Request[BroadcastOk]):
    message: int


@dataclass(frozen=True)
class ReadOk(Message):
    messages: list[int]


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    """What is known."""


# Design E: a message goes to all peers at once, unacknowledged; and every PERIOD seconds a node sends all
# that it knows to every peer. Within 9.2 seconds after all is whole, everybody knows everything (rule 3: 10).
from gossip.journal import Journal


@dataclass(frozen=True)
class Known(Message):
    messages: list[int]


class BroadcastNode(Node):
    PERIOD = 9.0

    def __init__(self) -> None:
        self.journal = Journal(self.disk, "messages")
        self.known: dict[int, None] = {}
        for batch in self.journal.entries():
            self.known.update(dict.fromkeys(batch))
        self.others = [p for p in self.peers if p != self.id]

    def learn(self, messages) -> None:
        new = [m for m in messages if m not in self.known]
        if new:
            self.journal.add(new)
            self.known.update(dict.fromkeys(new))

    async def main(self) -> None:
        while True:
            await asyncio.sleep(self.PERIOD)
            self.tell(list(self.known))

    def tell(self, messages) -> None:
        for p in self.others:
            self.send(p, Known(messages))

    @handler
    async def topology(self, request: Topology) -> TopologyOk:
        return TopologyOk()

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        self.learn([request.message])
        self.tell([request.message])
        return BroadcastOk()

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(list(self.known))

    @handler
    async def known_(self, m: Known) -> None:
        self.learn(m.messages)
