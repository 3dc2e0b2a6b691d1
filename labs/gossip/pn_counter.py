"""A counter that goes up and down: two counters that only grow.

Shapiro, Preguiça, Baquero and Zawirski, "A comprehensive study of convergent and commutative replicated
data types" (2011), specification 7.
"""

import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class AddOk(Message):
    """The addition is counted, and stays so also if this node is killed."""


@dataclass(frozen=True)
class Add(Request[AddOk]):
    """Adds `delta`, which may be negative, to the counter."""

    delta: int


@dataclass(frozen=True)
class ReadOk(Message):
    """The value of the counter, as far as this node knows."""

    value: int


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    """Asks for the value of the counter."""


@dataclass(frozen=True)
class Merge(Message):
    """What the sender knows: for each node, the sums of what was added and of what was taken away there."""

    counts: dict[str, tuple[int, int]]


PERIOD = 0.3  # seconds between two rounds of gossip


class PNCounter(Node):
    """One node of the counter. It answers at once, also when it reaches nobody.

    What one node knows all others know a little after the network lets them.
    """

    def __init__(self) -> None:
        raise NotImplementedError("PNCounter.__init__ is yours to write")

    @handler
    async def add(self, request: Add) -> AddOk:
        """Count an addition; answer when a crash cannot undo it."""
        # Of two states that meet, nobody could say which is newer if one number went down.
        raise NotImplementedError("PNCounter.add is yours to write")

    @handler
    async def read(self, request: Read) -> ReadOk:
        """What was added less what was taken away, as far as this node knows."""
        raise NotImplementedError("PNCounter.read is yours to write")

    @handler
    async def merge(self, message: Merge) -> None:
        """Learn what another node knows. It may come twice, late, or never."""
        raise NotImplementedError("PNCounter.merge is yours to write")

    async def main(self) -> None:
        """Tell the others, for ever, what this node knows."""
        raise NotImplementedError("PNCounter.main is yours to write")


# Your code here.
