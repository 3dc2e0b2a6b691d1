"""Messages go over the node with the least name, and around it if it is silent."""

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


# The repair: now and then the hash of all to a random peer; who has another answers with all that it knows.
@dataclass(frozen=True)
class Check(Message):
    from_: str
    hash: int


@dataclass(frozen=True)
class All(Message):
    from_: str
    messages: list[int]
    more: bool


class Repairing(Node):
    PERIOD = 1.0

    def begin(self) -> None:
        self.known: dict[int, None] = {}
        self.others = [p for p in self.peers if p != self.id]
        data = self.disk.open("known").read() if self.disk.exists("known") else b""
        self.file = self.disk.open("known", "ab")
        self.file.write(b"\n")  # ends a torn line, which is shorter than eleven
        self.file.fsync()
        self.disk.sync()
        for line in data.split(b"\n"):
            if len(line) == 11 and line[:1] == b"=":
                self.known[int(line[1:])] = None

    def learn(self, messages) -> list[int]:
        new = [m for m in dict.fromkeys(messages) if m not in self.known]
        if new:
            self.file.write(b"".join(b"=%010d\n" % m for m in new))
            self.file.fsync()
            self.known.update(dict.fromkeys(new))
        return new

    def hash(self) -> int:
        return zlib.crc32(json.dumps(sorted(self.known)).encode())

    async def repair(self) -> None:
        while True:
            await asyncio.sleep(self.PERIOD * self.random.uniform(0.7, 1.3))
            if self.others:
                self.send(self.random.choice(self.others), Check(self.id, self.hash()))

    async def main(self) -> None:
        await self.repair()

    @handler
    async def check(self, m: Check) -> None:
        if m.hash != self.hash():
            self.send(m.from_, All(self.id, list(self.known), True))

    @handler
    async def all_(self, m: All) -> None:
        there = set(m.messages)
        lacking = [k for k in self.known if k not in there]
        self.found(m.messages)
        if lacking and m.more:
            self.send(m.from_, All(self.id, lacking, False))

    def found(self, messages) -> None:
        self.learn(messages)

    @handler
    async def topology(self, request: Topology) -> TopologyOk:
        return TopologyOk()

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(list(self.known))


@dataclass(frozen=True)
class GiveOk(Message):
    """The hub has told everyone."""


@dataclass(frozen=True)
class Give(Request[GiveOk]):
    from_: str
    message: int


@dataclass(frozen=True)
class Tell(Message):
    message: int


class FastBroadcast(Repairing):
    """The node with the least name is the hub; who gets no answer from it tells everyone itself."""

    def __init__(self) -> None:
        self.begin()
        self.hub = min(self.peers, key=lambda n: (len(n), n))

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        if self.learn([request.message]):
            if self.hub == self.id:
                self.tell_all(request.message, self.id)
            else:
                self.spawn(self.give(request.message))
        return BroadcastOk()

    async def give(self, message: int) -> None:
        try:
            await self.call(self.hub, Give(self.id, message), 0.4)
        except RPCError:
            self.tell_all(message, self.hub)

    def tell_all(self, message: int, but: str) -> None:
        for p in self.others:
            if p != but:
                self.send(p, Tell(message))

    @handler
    async def take(self, m: Give) -> GiveOk:
        self.learn([m.message])
        self.tell_all(m.message, m.from_)
        return GiveOk()

    @handler
    async def tell(self, m: Tell) -> None:
        self.learn([m.message])
