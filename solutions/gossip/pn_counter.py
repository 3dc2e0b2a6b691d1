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
        # BEGIN SOLUTION
        self._counts = dict.fromkeys((*self.peers, self.id), (0, 0))
        if self.disk.exists("sums"):
            with self.disk.open("sums") as file:
                self._counts[self.id] = _last_line(file.read())
        # END SOLUTION

    @handler
    async def add(self, request: Add) -> AddOk:
        """Count an addition; answer when a crash cannot undo it."""
        # BEGIN SOLUTION: Of two states that meet, nobody could say which is newer if one number went down.
        up, down = self._counts[self.id]
        up, down = up + max(request.delta, 0), down + max(-request.delta, 0)
        self._counts[self.id] = up, down
        with self.disk.open("sums", "ab") as file:
            file.write(b"%d %d\n" % (up, down))
            file.fsync()
        return AddOk()
        # END SOLUTION

    @handler
    async def read(self, request: Read) -> ReadOk:
        """What was added less what was taken away, as far as this node knows."""
        # BEGIN SOLUTION
        return ReadOk(sum(up - down for up, down in self._counts.values()))
        # END SOLUTION

    @handler
    async def merge(self, message: Merge) -> None:
        """Learn what another node knows. It may come twice, late, or never."""
        # BEGIN SOLUTION
        for node, (up, down) in message.counts.items():
            known_up, known_down = self._counts.get(node, (0, 0))
            self._counts[node] = max(up, known_up), max(down, known_down)
        # END SOLUTION

    async def main(self) -> None:
        """Tell the others, for ever, what this node knows."""
        # BEGIN SOLUTION
        while True:
            for peer in self.peers:
                if peer != self.id:
                    self.send(peer, Merge(self._counts))
            await asyncio.sleep(PERIOD)
        # END SOLUTION


# BEGIN SOLUTION
def _last_line(data: bytes) -> tuple[int, int]:
    """The last sums of a file that has them in each line; a line without an end was torn."""
    lines = data.split(b"\n")[:-1]
    up, down = lines[-1].split() if lines else (b"0", b"0")
    return int(up), int(down)


# END SOLUTION
