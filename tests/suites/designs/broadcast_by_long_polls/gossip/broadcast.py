"""Nodes ask each other for what is new in the log of each origin, and wait for the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, RPCError, handler


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


# Design D: long polls. Every node has a log of what its clients told it, in the given journal. Every node
# asks every other: "what is in your log from place k on?" The answer comes when there is something, or
# after two seconds. What others said is kept in memory only, and asked for again after a start. But then a
# node that comes back reads less than before, which no rule forbids: the origin has it on its disk.
from gossip.journal import Journal


@dataclass(frozen=True)
class FetchOk(Message):
    messages: list[int]


@dataclass(frozen=True)
class Fetch(Request[FetchOk]):
    start: int


class BroadcastNode(Node):
    def __init__(self) -> None:
        self.journal = Journal(self.disk)
        self.own: list[int] = list(self.journal.entries())
        self.of: dict[str, list[int]] = {p: [] for p in self.peers if p != self.id}
        self.news = asyncio.Event()

    async def main(self) -> None:
        for p in self.of:
            self.spawn(self.follow(p))
        await asyncio.get_running_loop().create_future()

    async def follow(self, p: str) -> None:
        log = self.of[p]
        while True:
            try:
                start = len(log)
                found = await self.call(p, Fetch(start), timeout=2.5)
                log[start:] = found.messages
            except RPCError:
                await asyncio.sleep(0.2)
            else:
                await asyncio.sleep(0.05)  # so that more comes at once

    @handler
    async def fetch(self, request: Fetch) -> FetchOk:
        if len(self.own) <= request.start:
            try:
                await asyncio.wait_for(self.news.wait(), 1.5)
            except TimeoutError:
                pass
        return FetchOk(self.own[request.start :])

    @handler
    async def topology(self, request: Topology) -> TopologyOk:
        return TopologyOk()

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        self.journal.add(request.message)
        self.own.append(request.message)
        self.news.set()
        self.news = asyncio.Event()
        return BroadcastOk()

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk([*self.own, *(m for log in self.of.values() for m in log)])
