"""Broadcast that is fast: a message goes to everyone at once, and what was lost on the way is asked for."""

from __future__ import annotations

# Your imports here.
from dataclasses import dataclass

# Your imports here.
from labs.node import Message, Node, Request, handler

# Your code here.


@dataclass(frozen=True)
class TopologyOk(Message):
    """That was heard."""


@dataclass(frozen=True)
class Topology(Request[TopologyOk]):
    """A client proposes neighbours for each node. Every node may talk to every other nevertheless."""

    topology: dict[str, list[str]]


@dataclass(frozen=True)
class BroadcastOk(Message):
    """The message will not be forgotten: every node will know it."""


@dataclass(frozen=True)
class Broadcast(Request[BroadcastOk]):
    """A client tells a message."""

    message: int


@dataclass(frozen=True)
class ReadOk(Message):
    """The messages that a node knows, each once, in any order."""

    messages: list[int]


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    """A client asks for the messages that a node knows."""


# The messages between nodes are yours to change: clients never send them.


@dataclass(frozen=True)
class News(Message):
    """Parts of logs: by the node that was told them, the place where a part begins, and the messages.

    `counts` says how much the sender has of each log, from its beginning and without a gap.
    """

    from_: str
    counts: dict[str, int]
    parts: dict[str, tuple[int, list[int]]]


@dataclass(frozen=True)
class Digest(Message):
    """How much the sender has of each log. Whoever has more sends it."""

    from_: str
    counts: dict[str, int]


class FastBroadcast(Node):
    """Knows of every node the log of what that was told.

    Its own log is on its disk before anyone sees it. Those of others are asked for again after a crash.
    """

    def __init__(self) -> None:
        raise NotImplementedError("FastBroadcast.__init__ is yours to write")

    async def main(self) -> None:
        """What the node does on its own: ask for what was lost."""
        # If nobody has said anything for long, who knows what was lost? So begin to talk.
        raise NotImplementedError("FastBroadcast.main is yours to write")

    @handler
    async def topology(self, request: Topology) -> TopologyOk:
        """Take note of the neighbours, or do not."""
        raise NotImplementedError("FastBroadcast.topology is yours to write")

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        """Keep a message for good, tell it to the others, and acknowledge it at once."""
        raise NotImplementedError("FastBroadcast.broadcast is yours to write")

    @handler
    async def read(self, request: Read) -> ReadOk:
        """All that is known here."""
        raise NotImplementedError("FastBroadcast.read is yours to write")

    @handler
    async def news(self, request: News) -> None:
        """Take what is new, and notice what is missing."""
        # What was missing here may be missing elsewhere, so say soon that it is here.
        raise NotImplementedError("FastBroadcast.news is yours to write")

    @handler
    async def digest(self, request: Digest) -> None:
        """Send the sender what it lacks, and ask it for what is missing here."""
        raise NotImplementedError("FastBroadcast.digest is yours to write")

    # Your code here.


# Your code here.
