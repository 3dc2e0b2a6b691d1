"""A counter that only grows, kept by the nodes alone: a replicated data type without conflicts (CRDT).

Shapiro, Preguiça, Baquero and Zawirski, "A comprehensive study of convergent and commutative replicated
data types" (2011), specification 6.
"""

import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class AddOk(Message):
    """The addition is counted, and stays so also if this node is killed."""


@dataclass(frozen=True)
class Add(Request[AddOk]):
    """Adds `delta`, which is not negative, to the counter."""

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
    """What the sender knows: the sum of the additions at each node."""

    counts: dict[str, int]


PERIOD = 0.3  # seconds between two rounds of gossip


class GrowOnlyCounter(Node):
    """One node of the counter. It answers at once, also when it reaches nobody.

    What one node knows all others know a little after the network lets them.
    """

    def __init__(self) -> None:
        raise NotImplementedError("GrowOnlyCounter.__init__ is yours to write")

    @handler
    async def add(self, request: Add) -> AddOk:
        """Count an addition; answer when a crash cannot undo it."""
        raise NotImplementedError("GrowOnlyCounter.add is yours to write")

    @handler
    async def read(self, request: Read) -> ReadOk:
        """The sum of what this node knows of all."""
        raise NotImplementedError("GrowOnlyCounter.read is yours to write")

    @handler
    async def merge(self, message: Merge) -> None:
        """Learn what another node knows. It may come twice, late, or never."""
        # A node's sum only grows, so the greater one is the newer one.
        raise NotImplementedError("GrowOnlyCounter.merge is yours to write")

    async def main(self) -> None:
        """Tell the others, for ever, what this node knows."""
        # Again and again: so nothing is missed for long that was lost.
        raise NotImplementedError("GrowOnlyCounter.main is yours to write")


# Your code here.
