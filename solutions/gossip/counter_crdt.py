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
        # BEGIN SOLUTION
        self._counts = dict.fromkeys((*self.peers, self.id), 0)
        if self.disk.exists("sums"):
            with self.disk.open("sums") as file:
                self._counts[self.id] = _last_line(file.read())
        # END SOLUTION

    @handler
    async def add(self, request: Add) -> AddOk:
        """Count an addition; answer when a crash cannot undo it."""
        # BEGIN SOLUTION
        self._counts[self.id] += request.delta
        with self.disk.open("sums", "ab") as file:
            file.write(b"%d\n" % self._counts[self.id])
            file.fsync()
        return AddOk()
        # END SOLUTION

    @handler
    async def read(self, request: Read) -> ReadOk:
        """The sum of what this node knows of all."""
        # BEGIN SOLUTION
        return ReadOk(sum(self._counts.values()))
        # END SOLUTION

    @handler
    async def merge(self, message: Merge) -> None:
        """Learn what another node knows. It may come twice, late, or never."""
        # BEGIN SOLUTION: A node's sum only grows, so the greater one is the newer one.
        for node, count in message.counts.items():
            self._counts[node] = max(count, self._counts.get(node, 0))
        # END SOLUTION

    async def main(self) -> None:
        """Tell the others, for ever, what this node knows."""
        # BEGIN SOLUTION: Again and again: so nothing is missed for long that was lost.
        while True:
            for peer in self.peers:
                if peer != self.id:
                    self.send(peer, Merge(self._counts))
            await asyncio.sleep(PERIOD)
        # END SOLUTION


# BEGIN SOLUTION
def _last_line(data: bytes) -> int:
    """The last sum of a file that has one in each line; a line without an end was torn."""
    lines = data.split(b"\n")[:-1]
    return int(lines[-1]) if lines else 0


# END SOLUTION
