"""A register in which the write with the latest time wins."""

import time
from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class Value(Message):
    """What the register holds, and when that was written, by the clock of whoever wrote it."""

    value: str | None
    stamp: float


@dataclass(frozen=True)
class Read(Request[Value]):
    """Asks for the value."""


@dataclass(frozen=True)
class Written(Message):
    """The write was taken."""


@dataclass(frozen=True)
class Write(Request[Written]):
    """Asks to set the value."""

    value: str
    stamp: float


class Store(Node):
    """Keeps the value with the greatest stamp."""

    def __init__(self) -> None:
        self.latest = Value(None, 0)

    @handler
    async def write(self, request: Write) -> Written:
        if request.stamp > self.latest.stamp:
            self.latest = Value(request.value, request.stamp)
        return Written()

    @handler
    async def read(self, request: Read) -> Value:
        return self.latest


class ByCalendar:
    """A client that writes with the time of its own day."""

    def __init__(self, node: Node, server: str) -> None:
        self.node, self.server = node, server

    async def write(self, value: str) -> None:
        await self.node.call(self.server, Write(value, time.time()))

    async def read(self) -> str | None:
        return (await self.node.call(self.server, Read())).value


class ByLamport(ByCalendar):
    """A client whose clock is never behind what it has read."""

    time = 0.0

    async def write(self, value: str) -> None:
        self.time += 1
        await self.node.call(self.server, Write(value, self.time))

    async def read(self) -> str | None:
        latest = await self.node.call(self.server, Read())
        self.time = max(self.time, latest.stamp)
        return latest.value
