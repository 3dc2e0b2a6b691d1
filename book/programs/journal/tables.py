"""Journals that remember requests, and forget them at the wrong moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from journal.journal import Append, Appended, Journal, Writer
from labs.node import Message, Node, handler


class Remembering(Journal):
    """Notes each request with its answer in the step in which it does it. It never forgets."""

    def __init__(self) -> None:
        super().__init__()
        self.table: dict[tuple[str, int], Appended] = {}

    @handler
    async def append(self, request: Append) -> Appended:
        name = (request.writer, request.number)
        if name not in self.table:
            self.table[name] = self.write(request.line)
            self.forget(name)
        return self.table[name]

    def forget(self, new: tuple[str, int]) -> None:
        """Make room, now that there is a new entry."""


class ByAge(Remembering):
    """Forgets a request after ten seconds: by then, every copy must have come."""

    def forget(self, new: tuple[str, int]) -> None:
        asyncio.get_running_loop().call_later(10, self.table.pop, new)


class ByNumber(Remembering):
    """Remembers the last eight requests, whoever sent them."""

    def forget(self, new: tuple[str, int]) -> None:
        while len(self.table) > 8:
            del self.table[next(iter(self.table))]


@dataclass(frozen=True)
class Thanks(Message):
    """A writer has its answer."""

    writer: str
    number: int


class ByThanks(Remembering):
    """Forgets a request when its writer says that it has the answer."""

    @handler
    async def thanks(self, message: Thanks) -> None:
        self.table.pop((message.writer, message.number), None)


class Thankful(Writer):
    """Says when it has an answer."""

    async def append(self, line: str) -> int:
        place = await super().append(line)
        self.node.send(self.server, Thanks(self.name, self.number))
        return place


class Slow(Remembering):
    """Asks somebody whether the line may be written, between the look at its table and the note in it."""

    @handler
    async def append(self, request: Append) -> Appended:
        name = (request.writer, request.number)
        if name not in self.table:
            await asyncio.sleep(0.01)  # the answer comes from elsewhere
            self.table[name] = self.write(request.line)
        return self.table[name]


class Namesake(Writer):
    """Has the name of the process that it lives in, as every other writer there has."""

    def __init__(self, node: Node, server: str) -> None:
        super().__init__(node, server)
        self.name = node.id
