"""Two sorters that never speak to each other put words into drawers; a desk hears of all."""

import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, handler

DRAWERS = 1000


@dataclass(frozen=True)
class Noted(Message):
    """The desk has heard."""


@dataclass(frozen=True)
class Put(Request[Noted]):
    """A word was put into a drawer."""

    word: str
    drawer: int


class Sorter(Node):
    """Puts each word into the drawer to which it belongs, and tells the desk."""

    def __init__(self, desk: str, words: list[str]) -> None:
        self.desk, self.words = desk, words

    async def main(self) -> None:
        for word in self.words:
            await self.call(self.desk, Put(word, hash(word) % DRAWERS))


class Desk(Node):
    """Hears so many times of a word, and ends. A word has one drawer, whoever sorts it."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.drawers: dict[str, set[int]] = {}
        self.over = asyncio.Event()

    async def main(self) -> None:
        await self.over.wait()
        for word, drawers in self.drawers.items():
            assert len(drawers) == 1, f"{word!r} is in {len(drawers)} drawers"

    @handler
    async def put(self, request: Put) -> Noted:
        self.drawers.setdefault(request.word, set()).add(request.drawer)
        self.left -= 1
        if self.left == 0:
            self.over.set()
        return Noted()
