"""Broadcast with few messages: a hub gathers what all were told, and now and then tells it to everyone."""

from __future__ import annotations

# BEGIN SOLUTION
import asyncio
from collections.abc import Iterable, Mapping

# END SOLUTION
from dataclasses import dataclass

# BEGIN SOLUTION
from typing import NamedTuple

from gossip.journal import Journal

# END SOLUTION
from labs.node import Message, Node, Request, handler

# BEGIN SOLUTION
_GATHERING = 0.3  # seconds that a hub gathers what it then tells everyone in one message
_PATIENCE = 1.5  # seconds after which a hub that passes nothing on is not waited for
_TICK = 0.5  # seconds: what is missing for as long was lost, and is not merely under way
_SILENCE = 2.0  # seconds without a word from anyone after which a node says what it knows
_MOST = 500  # messages of one log that are sent at a time
# END SOLUTION


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

    `counts` says how much the sender has of each log, from its beginning and without a gap. `pass_on` asks
    the receiver to be the hub, and to tell everyone.
    """

    from_: str
    counts: dict[str, int]
    parts: dict[str, tuple[int, list[int]]]
    pass_on: bool = False


@dataclass(frozen=True)
class Digest(Message):
    """How much the sender has of each log. Whoever has more sends it."""

    from_: str
    counts: dict[str, int]


class FewBroadcast(Node):
    """Knows of every node the log of what that was told.

    Its own log is on its disk before anyone sees it. Those of others are asked for again after a crash.
    Any node is a hub while it is asked to pass something on. All ask the first, as long as it does so.
    """

    def __init__(self) -> None:
        # BEGIN SOLUTION
        self._others = [peer for peer in self.peers if peer != self.id]
        self._journal = Journal(self.disk)
        self._logs = _Logs()
        self._logs.add({self.id: (0, self._journal.entries())})
        self._missing: dict[str, _More] = {}  # by log: who was the last to show more of it
        self._due: list[_More] = []  # what was missing at the last tick
        self._silence = 0.0  # seconds since anyone said how much is known elsewhere
        self._hub = 0  # which of the peers passes on what this node is told
        self._passed = 0  # how much of its own log another node has shown to have
        self._waiting = 0.0  # seconds since that was more, or all
        self._gathered: dict[
            str, int
        ] = {}  # as a hub: where in which logs begins what to tell everyone
        # END SOLUTION

    async def main(self) -> None:
        """What the node does on its own: ask for what was lost."""
        # BEGIN SOLUTION: If nobody has said anything for long, who knows what was lost? So begin to talk.
        while self._others:
            await asyncio.sleep(_TICK)
            self._silence += _TICK
            self._watch_hub()
            late = self._still_missing(self._due)
            if late:
                self._say(self.random.choice(late).peer)
            elif self._silence >= _SILENCE:
                self._say(self.random.choice(self._others))
            self._due = self._still_missing(self._missing.values())
        await super().main()
        # END SOLUTION

    @handler
    async def topology(self, request: Topology) -> TopologyOk:
        """Take note of the neighbours, or do not."""
        # BEGIN SOLUTION
        return TopologyOk()
        # END SOLUTION

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        """Keep a message for good, see that the others get it, and acknowledge it at once."""
        # BEGIN SOLUTION
        self._journal.add(request.message)
        place = self._logs.count(self.id)
        self._logs.add({self.id: (place, [request.message])})
        if self.peers[self._hub] == self.id:
            self._gather(self.id, place)
        else:
            self._tell_hub()
        return BroadcastOk()
        # END SOLUTION

    @handler
    async def read(self, request: Read) -> ReadOk:
        """All that is known here."""
        # BEGIN SOLUTION
        return ReadOk(self._logs.messages())
        # END SOLUTION

    @handler
    async def news(self, request: News) -> None:
        """Take what is new, and notice what is missing."""
        # BEGIN SOLUTION: What was missing here may be missing elsewhere, so say soon that it is here.
        repaired = any(each.log in request.parts for each in self._due)
        before = self._logs.counts()
        self._logs.add(request.parts)
        self._compare(request.from_, request.counts)
        if request.pass_on:
            for log in request.parts:
                self._gather(log, before.get(log, 0))
        elif repaired:
            self._silence = _SILENCE
        # END SOLUTION

    @handler
    async def digest(self, request: Digest) -> None:
        """Send the sender what it lacks, and ask it for what is missing here."""
        # BEGIN SOLUTION
        if parts := self._logs.beyond(request.counts):
            self.send(request.from_, News(self.id, self._logs.counts(), parts))
        if self._compare(request.from_, request.counts):
            self._say(request.from_)
        # END SOLUTION

    # BEGIN SOLUTION
    def _tell_hub(self) -> None:
        """Send the hub what no one has shown to have. What was lost goes again with what is new."""
        parts = self._logs.beyond({**self._logs.counts(), self.id: self._passed})
        self.send(self.peers[self._hub], News(self.id, self._logs.counts(), parts, pass_on=True))

    def _watch_hub(self) -> None:
        """Take the next hub if this one does not pass on what it was told."""
        if self._passed == self._logs.count(self.id) or self.peers[self._hub] == self.id:
            self._waiting = 0.0
            return
        self._waiting += _TICK
        if self._waiting >= _PATIENCE:
            self._hub, self._waiting = (self._hub + 1) % len(self.peers), 0.0
            self._tell_hub()

    def _gather(self, log: str, begin: int) -> None:
        """Be the hub: see that everyone is told soon what is new of a log."""
        if begin == self._logs.count(log):
            return
        if not self._gathered:
            self.spawn(self._pass_on())
        self._gathered.setdefault(log, begin)

    async def _pass_on(self) -> None:
        """Gather for a while, then tell everyone."""
        await asyncio.sleep(_GATHERING)
        parts = self._logs.beyond({**self._logs.counts(), **self._gathered})
        self._gathered = {}
        for other in self._others:
            self.send(other, News(self.id, self._logs.counts(), parts))

    def _say(self, peer: str) -> None:
        """Say how much is known here; whoever has more will send it."""
        self.send(peer, Digest(self.id, self._logs.counts()))
        self._silence = 0.0

    def _still_missing(self, shown: Iterable[_More]) -> list[_More]:
        """What has not come since it was shown."""
        return [each for each in shown if each.known > self._logs.count(each.log)]

    def _compare(self, peer: str, counts: Mapping[str, int]) -> bool:
        """Notice of which logs a peer has more; whether there are any."""
        self._silence = 0.0
        here = self._logs.counts()
        more = [_More(log, n, peer) for log, n in counts.items() if n > here.get(log, 0)]
        self._missing.update((each.log, each) for each in more)
        if counts.get(self.id, 0) > self._passed:
            self._passed, self._waiting = counts[self.id], 0.0
        if self._passed == self._logs.count(self.id):
            self._hub = min(self._hub, self.peers.index(peer))
        return bool(more)

    # END SOLUTION


# BEGIN SOLUTION
class _More(NamedTuple):
    """That a peer has `known` messages of a log, which are more than here."""

    log: str
    known: int
    peer: str


class _Logs:
    """What each node was told, in order, as far as it is known here.

    How many messages of each log are known without a gap is a version vector: 25 numbers say what a node
    has of thousands of messages.
    (Parker and others, Detection of Mutual Inconsistency in Distributed Systems, 1983.)
    """

    def __init__(self) -> None:
        self._logs: dict[str, list[int]] = {}
        self._early: dict[str, dict[int, int]] = {}  # what came before something that is missing

    def count(self, log: str) -> int:
        """How much is known of a log, from its beginning and without a gap."""
        return len(self._logs.get(log, ()))

    def counts(self) -> dict[str, int]:
        """How much is known of each."""
        return {name: len(log) for name, log in self._logs.items()}

    def messages(self) -> list[int]:
        """All that is known, each once."""
        known = {message for log in self._logs.values() for message in log}
        return list(known.union(*(early.values() for early in self._early.values())))

    def add(self, parts: Mapping[str, tuple[int, list[int]]]) -> None:
        """Take parts of logs, which may be known already, or have a gap before them."""
        for name, (begin, messages) in parts.items():
            log = self._logs.setdefault(name, [])
            early = self._early.setdefault(name, {})
            early.update((n, each) for n, each in enumerate(messages, begin) if n >= len(log))
            while len(log) in early:
                log.append(early.pop(len(log)))

    def beyond(self, counts: Mapping[str, int]) -> dict[str, tuple[int, list[int]]]:
        """What is known here and not there, as far as it goes into a message."""
        return {
            name: (begin, log[begin : begin + _MOST])
            for name, log in self._logs.items()
            if (begin := counts.get(name, 0)) < len(log)
        }


# END SOLUTION
