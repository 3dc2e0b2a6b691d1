"""Broadcast: what one node was told, every node knows after a while, whatever happens in between."""

from __future__ import annotations

# BEGIN SOLUTION
import asyncio

# END SOLUTION
from dataclasses import dataclass

# BEGIN SOLUTION
from typing import Any

from gossip.journal import Journal

# END SOLUTION
from labs.node import Message, Node, Request, RPCError, handler

# BEGIN SOLUTION
_FIRST_TIMEOUT = 0.4  # seconds until a neighbour's silence means that something was lost
_LONGEST_TIMEOUT = 1.6  # seconds: each try waits twice as long as the one before, up to this
_PAUSE = 0.1  # seconds between two tries, also if the neighbour answers with an error

_Entry = dict[str, list[Any]]
# END SOLUTION


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
        # BEGIN SOLUTION
        self._known: set[int] = set()
        self._pending: dict[str, set[int]] = {}  # by neighbour: what it has not acknowledged
        self._telling: set[str] = set()  # the neighbours that are being told something now
        self._journal = Journal(self.disk)
        for entry in self._journal.entries():
            self._take(entry)
        # END SOLUTION

    async def main(self) -> None:
        """What the node does on its own: go on where its last life ended."""
        # BEGIN SOLUTION: What neighbours have acknowledged was not written down, so they get it again.
        for neighbour in self._pending:
            self._tell(neighbour)
        await super().main()
        # END SOLUTION

    @handler
    async def topology(self, request: Topology) -> TopologyOk:
        """Learn who the neighbours are, and tell them all that is known by now."""
        # BEGIN SOLUTION
        self._remember({"neighbours": request.topology.get(self.id, [])})
        return TopologyOk()
        # END SOLUTION

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        """Keep a message for good, see that the neighbours get it, and acknowledge it at once."""
        # BEGIN SOLUTION
        self._remember({"messages": [request.message]})
        return BroadcastOk()
        # END SOLUTION

    @handler
    async def read(self, request: Read) -> ReadOk:
        """All that is known here."""
        # BEGIN SOLUTION
        return ReadOk(list(self._known))
        # END SOLUTION

    @handler
    async def gossip(self, request: Gossip) -> GossipOk:
        """Keep what a neighbour tells, and see that the others get what is new of it."""
        # BEGIN SOLUTION: Who acknowledges it is the one that others rely on.
        if news := [each for each in request.messages if each not in self._known]:
            self._remember({"messages": news, "from": [request.from_]})
        return GossipOk()
        # END SOLUTION

    # BEGIN SOLUTION
    def _remember(self, entry: _Entry) -> None:
        """Write down what is new, then act on it."""
        self._journal.add(entry)
        self._take(entry)
        for neighbour in self._pending:
            self._tell(neighbour)

    def _take(self, entry: _Entry) -> None:
        """Have an entry of the journal in memory. All that is known is news for new neighbours."""
        if "neighbours" in entry:
            self._pending = {each: set(self._known) for each in entry["neighbours"]}
        news = set(entry.get("messages", ())) - self._known
        self._known |= news
        for neighbour, pending in self._pending.items():
            if neighbour not in entry.get("from", ()):
                pending |= news

    def _tell(self, neighbour: str) -> None:
        """See that a neighbour is told what is pending for it, by one task at most."""
        if neighbour not in self._telling and self._pending[neighbour]:
            self._telling.add(neighbour)
            self.spawn(self._tell_until_done(neighbour))

    async def _tell_until_done(self, neighbour: str) -> None:
        """Tell a neighbour all that is pending for it, again and again, until it has acknowledged it.

        One request is under way at a time, and what comes meanwhile goes with the next: so a neighbour
        that is cut off costs a message now and then, however much there is to tell it.
        """
        timeout = _FIRST_TIMEOUT
        while batch := sorted(self._pending.get(neighbour, ())):
            try:
                await self.call(neighbour, Gossip(self.id, batch), timeout)
                self._pending.get(neighbour, set()).difference_update(batch)
                timeout = _FIRST_TIMEOUT
            except RPCError:
                await asyncio.sleep(_PAUSE)
                timeout = min(2 * timeout, _LONGEST_TIMEOUT)
        self._telling.discard(neighbour)

    # END SOLUTION
