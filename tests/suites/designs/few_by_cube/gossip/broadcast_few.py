"""A message goes along the edges of a cube, gathered on each; every nine seconds all is told again."""

from __future__ import annotations

import asyncio
import json
import zlib
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
    PERIOD = 9.0

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
            await asyncio.sleep(self.PERIOD)  # all to all: 9.1 s after all is whole all know all
            for p in self.others:
                self.send(p, All(self.id, list(self.known), False))

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
class Lately(Message):
    messages: list[int]


class FewBroadcast(Repairing):
    """No hub: in round r a node tells the one 2**r places behind it all that it learned lately.

    Any five rounds in a row reach all 25, if each round is longer than a message takes.
    """

    ROUND = 0.15

    def __init__(self) -> None:
        self.begin()
        self.recent: list[tuple[int, int]] = []  # (round in which it was learned, message)
        self.round = 0
        names = sorted(self.peers, key=lambda n: (len(n), n))
        self.place, self.names = names.index(self.id), names
        self.rounds = max(1, (len(names) - 1).bit_length())

    async def main(self) -> None:
        self.spawn(self.repair())
        while True:
            await asyncio.sleep(self.ROUND)
            self.round += 1
            self.recent = [(r, m) for r, m in self.recent if self.round - r <= self.rounds]
            to = self.names[(self.place + 2 ** (self.round % self.rounds)) % len(self.names)]
            if self.recent and to != self.id:
                self.send(to, Lately([m for _, m in self.recent]))

    def found(self, messages) -> None:
        self.recent += [(self.round, m) for m in self.learn(messages)]

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        self.found([request.message])
        return BroadcastOk()

    @handler
    async def lately(self, m: Lately) -> None:
        self.found(m.messages)
