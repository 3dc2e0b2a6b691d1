"""The node that was told owes the message to every other, until that one has acknowledged it."""

from __future__ import annotations

import asyncio
import json
import zlib
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


# Design B: the node that was told a message owes it to every other node, by itself, until that one has
# acknowledged it. Nobody forwards anything. Debts and payments are on the disk in an append-only file
# of lines with a checksum. One task for each peer; it sends all that is owed in one call, and backs off.


@dataclass(frozen=True)
class HandOk(Message):
    """Kept."""


@dataclass(frozen=True)
class Hand(Request[HandOk]):
    messages: list[int]


class BroadcastNode(Node):
    def __init__(self) -> None:
        self.known: set[int] = set()
        self.others = [p for p in self.peers if p != self.id]
        self.owed: dict[str, set[int]] = {p: set() for p in self.others}
        self.wake = {p: asyncio.Event() for p in self.others}
        data = self.disk.open("log").read() if self.disk.exists("log") else b""
        self.file = self.disk.open("log", "ab")
        self.file.write(
            b"\n"
        )  # behind a torn line; and it makes the file, which opening it does not
        self.file.fsync()
        self.disk.sync()
        for line in data.splitlines():
            head, _, body = line.partition(b" ")
            if head != b"%08x" % zlib.crc32(body):
                continue
            kind, who, messages = json.loads(body)
            if kind == "told":
                self.known.update(messages)
                for p in self.others:
                    self.owed[p].update(messages)
            elif kind == "heard":
                self.known.update(messages)
            elif kind == "paid":
                self.owed[who].difference_update(messages)

    def log(self, kind: str, who: str, messages: list[int]) -> None:
        body = json.dumps([kind, who, messages]).encode()
        self.file.write(b"%08x %s\n" % (zlib.crc32(body), body))
        self.file.fsync()

    async def main(self) -> None:
        await asyncio.gather(*(self.pay(p) for p in self.others))
        await asyncio.get_running_loop().create_future()

    async def pay(self, p: str) -> None:
        pause = 0.1
        while True:
            if not self.owed[p]:
                self.wake[p].clear()
                await self.wake[p].wait()
            batch = sorted(self.owed[p])
            try:
                await self.call(p, Hand(batch), timeout=0.5)
            except RPCError:
                await asyncio.sleep(pause)
                pause = min(2 * pause, 2.0)
            else:
                pause = 0.1
                self.log("paid", p, batch)
                self.owed[p].difference_update(batch)

    @handler
    async def topology(self, request: Topology) -> TopologyOk:
        return TopologyOk()

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        self.log("told", "", [request.message])
        self.known.add(request.message)
        for p in self.others:
            self.owed[p].add(request.message)
            self.wake[p].set()
        return BroadcastOk()

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(sorted(self.known, reverse=True))

    @handler
    async def hand(self, request: Hand) -> HandOk:
        new = [m for m in request.messages if m not in self.known]
        if new:
            self.log("heard", "", new)
            self.known.update(new)
        return HandOk()
