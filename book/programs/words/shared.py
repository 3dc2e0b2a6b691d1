"""A node that counts the words it is given, and what becomes of a careless line."""

from collections import Counter
from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class Times(Message):
    """How often this node was given the word by now."""

    times: int


@dataclass(frozen=True)
class Take(Request[Times]):
    """Gives a word to a node."""

    word: str


class Taker(Node):
    """Counts the words that it is given."""

    counts = Counter[str]()

    @handler
    async def take(self, request: Take) -> Times:
        self.counts[request.word] += 1
        return Times(self.counts[request.word])
