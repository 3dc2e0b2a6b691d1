"""How many words there are in several logs: readers count, and somebody adds up what they answer."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from labs.node import Message, Node, Request, handler

FOR_EVER = 1e6  # seconds


@dataclass(frozen=True)
class Counted(Message):
    """How many words a log has."""

    words: int


@dataclass(frozen=True)
class Count(Request[Counted]):
    """Asks to count the words of a log."""

    log: str


@dataclass(frozen=True)
class Total(Message):
    """How many words all logs have."""

    words: int


@dataclass(frozen=True)
class HowMany(Request[Total]):
    """Asks for the total; answered when it is known."""


class Reader(Node):
    """Counts the words of whatever log it is given, and takes its time."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.seconds = seconds

    @handler
    async def count(self, request: Count) -> Counted:
        await asyncio.sleep(self.seconds)
        return Counted(len(Path(request.log).read_text().split()))


class Patient(Node):
    """Gives a log to each reader, and adds up what they answer."""

    def __init__(self, logs: list[str], readers: list[str]) -> None:
        self.logs, self.readers = logs, readers
        self.total = self.answers = 0
        self.done = asyncio.Event()

    async def main(self) -> None:
        for reader, log in zip(self.readers, self.logs, strict=True):
            self.spawn(self.give(log, reader))
        await asyncio.Event().wait()

    async def give(self, log: str, reader: str) -> None:
        counted = await self.call(reader, Count(log), timeout=FOR_EVER)
        self.total += counted.words
        self.answers += 1
        if self.answers == len(self.logs):
            self.done.set()

    @handler
    async def how_many(self, request: HowMany) -> Total:
        await self.done.wait()
        return Total(self.total)


class Impatient(Patient):
    """Gives a log to the next reader, too, if the first has not answered after ten seconds."""

    async def give(self, log: str, reader: str) -> None:
        first = self.spawn(super().give(log, reader))
        await asyncio.wait([first], timeout=10)
        if not first.done():
            following = (self.readers.index(reader) + 1) % len(self.readers)
            await super().give(log, self.readers[following])
