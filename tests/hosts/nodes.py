"""Nodes that the tests of the hosts run."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from labs.node import CallTimeout, Message, Node, Request, handler


@dataclass(frozen=True)
class Told(Message):
    text: str


@dataclass(frozen=True)
class Tell(Request[Told]):
    text: str


@dataclass(frozen=True)
class News(Message):
    number: int


class Teller(Node):
    """Answers, and remembers who asked."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @handler
    async def tell(self, request: Tell) -> Told:
        self.heard.append(request.text)
        return Told(f"{self.id} heard {request.text}")


class Asker(Node):
    """Asks `dest` a number of times, until it is answered each time, and ends."""

    def __init__(self, dest: str, times: int = 1, timeout: float = 5.0) -> None:
        self.dest, self.times, self.timeout = dest, times, timeout
        self.answers: list[str] = []
        self._timed_out = asyncio.Event()

    async def has_timed_out(self, times: int) -> None:
        """Wait for so many more timeouts."""
        for _ in range(times):
            self._timed_out.clear()
            await self._timed_out.wait()

    async def main(self) -> None:
        while len(self.answers) < self.times:
            try:
                answer = await self.call(self.dest, Tell(str(len(self.answers))), self.timeout)
                self.answers.append(answer.text)
            except CallTimeout:
                self._timed_out.set()


class Reader(Node):
    """Takes news."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.enough = asyncio.Event()

    @handler
    async def news(self, request: News) -> None:
        self.numbers.append(request.number)
        if request.number == 2:
            self.enough.set()
