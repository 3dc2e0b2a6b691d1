"""Broadcast: what one node was told, every node knows after a while, whatever happens in between."""

from __future__ import annotations

# Your imports here.
from dataclasses import dataclass

# Your imports here.
from labs.node import Message, Node, Request, RPCError, handler

# Your code here.


@dataclass(frozen=True)
class TopologyOk(Message):
    """The neighbours are known now."""


@dataclass(frozen=True)
class Topology(Request[TopologyOk]):
    """A client says, once, which neighbours each node shall have."""

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


@dataclass(frozen=True)
class GossipOk(Message):
    """The neighbour knows them now, and will not forget them."""


@dataclass(frozen=True)
class Gossip(Request[GossipOk]):
    """A neighbour tells what it knows. This message is yours to change: clients never send it."""

    from_: str
    messages: list[int]


class BroadcastNode(Node):
    """Knows messages, and tells its neighbours what they may not know.

    It may crash at any moment, and finds on its disk what it has acknowledged.
    """

    def __init__(self) -> None:
        raise NotImplementedError("BroadcastNode.__init__ is yours to write")

    async def main(self) -> None:
        """What the node does on its own: go on where its last life ended."""
        # What neighbours have acknowledged was not written down, so they get it again.
        raise NotImplementedError("BroadcastNode.main is yours to write")

    @handler
    async def topology(self, request: Topology) -> TopologyOk:
        """Learn who the neighbours are, and tell them all that is known by now."""
        raise NotImplementedError("BroadcastNode.topology is yours to write")

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        """Keep a message for good, see that the neighbours get it, and acknowledge it at once."""
        raise NotImplementedError("BroadcastNode.broadcast is yours to write")

    @handler
    async def read(self, request: Read) -> ReadOk:
        """All that is known here."""
        raise NotImplementedError("BroadcastNode.read is yours to write")

    @handler
    async def gossip(self, request: Gossip) -> GossipOk:
        """Keep what a neighbour tells, and see that the others get what is new of it."""
        # Who acknowledges it is the one that others rely on.
        raise NotImplementedError("BroadcastNode.gossip is yours to write")

    # Your code here.
