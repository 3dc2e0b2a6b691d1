"""A journal to which lines are appended, and a writer that asks until it is answered."""

from __future__ import annotations

from dataclasses import dataclass

from labs.node import CallTimeout, Message, Node, Request, handler


@dataclass(frozen=True)
class Appended(Message):
    """The line is in the journal; `place` counts from 0."""

    place: int


@dataclass(frozen=True)
class Append(Request[Appended]):
    """Asks to append a line. A request that is sent again keeps its writer and its number."""

    line: str
    writer: str
    number: int


@dataclass(frozen=True)
class Lines(Message):
    """All lines, and how many requests the journal remembers."""

    lines: list[str]
    remembered: int


@dataclass(frozen=True)
class Look(Request[Lines]):
    """Asks for all lines."""


class Journal(Node):
    """Appends whatever it is asked to append."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> Appended:
        self.lines.append(line)
        return Appended(len(self.lines) - 1)

    @handler
    async def append(self, request: Append) -> Appended:
        return self.write(request.line)

    @handler
    async def look(self, request: Look) -> Lines:
        return Lines(self.lines, len(getattr(self, "table", ())))


class Writer:
    """Numbers its requests, and sends each until there is an answer."""

    def __init__(self, node: Node, server: str) -> None:
        self.node, self.server = node, server
        self.name = f"{node.random.getrandbits(64):x}"
        self.number = 0

    async def append(self, line: str) -> int:
        self.number += 1
        request = Append(line, self.name, self.number)
        while True:
            try:
                return (await self.node.call(self.server, request, timeout=0.1)).place
            except CallTimeout:
                continue

    async def read(self) -> list[str]:
        return (await self.node.call(self.server, Look())).lines
