"""A reader that counts for a while, and a guard that asks it whether it is alive."""

from dataclasses import dataclass

from labs.node import CallTimeout, Message, Node, Request, handler

LETTERS = 6_000_000


@dataclass(frozen=True)
class Alive(Message):
    """Says so."""


@dataclass(frozen=True)
class AreYouAlive(Request[Alive]):
    """Asks for a sign of life."""


@dataclass(frozen=True)
class Work(Message):
    """Asks to count, which takes a while; there is no reply."""


class Reader(Node):
    """Counts when it is asked to, and answers at once when it is asked whether it lives."""

    @handler
    async def work(self, request: Work) -> None:
        self.letters = 0
        for _ in range(LETTERS):
            self.letters += 1

    @handler
    async def are_you_alive(self, request: AreYouAlive) -> Alive:
        return Alive()


class Guard(Node):
    """Gives a reader work, and asks five times for a sign of life."""

    def __init__(self, reader: str) -> None:
        self.reader = reader

    async def main(self) -> None:
        self.send(self.reader, Work())
        for _ in range(5):
            try:
                await self.call(self.reader, AreYouAlive(), timeout=0.1)
            except CallTimeout:
                raise AssertionError(f"{self.reader} is dead") from None
