"""A log on several nodes that takes few messages: in the mean, at most four for an operation.

It keeps the promises of `log.py`, whichever node is asked. A poll may lag behind for a moment, and
leaves nothing out; committed offsets do not lag. What was acknowledged survives a crash of its node, and
a loss of power, on `self.disk`. While a node cannot reach another, it refuses what it cannot do alone,
or lets it wait; polls give what it has, or are refused.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from labs.node import CallTimeout, Message, Node, Request, RPCError, Unavailable, handler

PATIENCE = 4.0  # seconds after which an operation is given up; clients wait five
# BEGIN SOLUTION: What else you want to fix, with its unit.
_FILE = "log"
_MOST = 100  # messages of a key that a poll or a fetch gives
_TIMEOUT = 0.4  # seconds that another node gets to answer
_PERIOD = 0.1  # seconds between two fetches
_SILENT = 3  # fetches without an answer, after which a node cannot be reached
# END SOLUTION


@dataclass(frozen=True)
class SendOk(Message):
    """The message is in the log, under this offset."""

    offset: int


@dataclass(frozen=True)
class Send(Request[SendOk]):
    """Asks to append a message to the log of a key."""

    key: str
    msg: Any


@dataclass(frozen=True)
class PollOk(Message):
    """Pairs of offset and message, by key."""

    msgs: dict[str, list[tuple[int, Any]]]


@dataclass(frozen=True)
class Poll(Request[PollOk]):
    """Asks for the messages of keys, of each from an offset on."""

    offsets: dict[str, int]


@dataclass(frozen=True)
class CommitOffsetsOk(Message):
    """The offsets are committed."""


@dataclass(frozen=True)
class CommitOffsets(Request[CommitOffsetsOk]):
    """Says that messages were processed, of each key up to this offset, and with it."""

    offsets: dict[str, int]


@dataclass(frozen=True)
class ListCommittedOffsetsOk(Message):
    """The committed offsets of the keys that have one."""

    offsets: dict[str, int]


@dataclass(frozen=True)
class ListCommittedOffsets(Request[ListCommittedOffsetsOk]):
    """Asks how far the messages of keys were processed."""

    keys: list[str]


# ---- what nodes say to each other: change it as you like --------------------------------------------


@dataclass(frozen=True)
class AppendOk(Message):
    """The message is in the log, under this offset."""

    offset: int


@dataclass(frozen=True)
class Append(Request[AppendOk]):
    """Asks the owner of a key to append a message; with the same tag, only once."""

    key: str
    msg: Any
    tag: int


@dataclass(frozen=True)
class FetchOk(Message):
    """Messages by key, in order, from where the other node has none."""

    news: dict[str, list[Any]]


@dataclass(frozen=True)
class Fetch(Request[FetchOk]):
    """Asks an owner for what is new; `known` counts the messages of its keys that are known."""

    known: dict[str, int]


class EfficientLog(Node):
    """Takes and gives messages of all keys."""

    def __init__(self) -> None:
        # BEGIN SOLUTION: Each key has an owner, which alone gives offsets and keeps what was committed.
        # The others fetch its messages every now and then, and answer polls with what they have.
        self._nodes = sorted({*self.peers, self.id})
        self._logs: dict[str, list[Any]] = defaultdict(list)
        self._offsets: dict[int, int] = {}  # of messages that other nodes sent here, by tag
        self._committed: dict[str, int] = {}
        self._unanswered = dict.fromkeys(self._nodes, 0)  # fetches, since the last answer
        if not self.disk.exists(_FILE):
            self.disk.open(_FILE, "wb")
            self.disk.sync()
        for record in self._records():
            self._apply(*record)
        # END SOLUTION

    async def main(self) -> None:
        """What the node does on its own."""
        # BEGIN SOLUTION
        others = (node for node in self._nodes if node != self.id)
        await asyncio.gather(super().main(), *map(self._follow, others))
        # END SOLUTION

    @handler
    async def append_message(self, request: Send) -> SendOk:
        """Append a message to the log of a key, and give the offset that it got.

        Raises `Unavailable` if the message is not in the log and never will be, and `CallTimeout` if
        it may be, or may come to be.
        """
        # BEGIN SOLUTION: If the owner is another node, ask it, and again if it does not answer.
        append = Append(request.key, request.msg, self.random.getrandbits(53))
        owner = self._owner(request.key)
        if owner == self.id:
            return SendOk((await self.append_as_owner(append)).offset)
        self._require([owner])
        return SendOk((await self._ask(owner, append)).offset)
        # END SOLUTION

    @handler
    async def poll(self, request: Poll) -> PollOk:
        """Give messages of keys, of each from an offset on, in order and without a gap."""
        # BEGIN SOLUTION: What a node knows of a log are its first messages, without a gap.
        return PollOk({key: self._from(key, offset) for key, offset in request.offsets.items()})
        # END SOLUTION

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        """Keep how far messages were processed, for all nodes. A committed offset never goes back.

        Raises `Unavailable` if nothing of it is kept, and `CallTimeout` if something may be.
        """
        # BEGIN SOLUTION: Each owner keeps the offsets of its keys.
        shares = self._shares(request.offsets)
        self._require(shares)
        mine = shares.pop(self.id, [])
        await asyncio.gather(
            *(
                self._ask(owner, CommitOffsets({key: request.offsets[key] for key in keys}))
                for owner, keys in shares.items()
            )
        )
        for key in mine:
            if request.offsets[key] > self._committed.get(key, -1):
                self._write("commit", key, request.offsets[key])
        return CommitOffsetsOk()
        # END SOLUTION

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        """Give the committed offsets of keys; a key without one is left out.

        Raises `Unavailable` or `CallTimeout` if they cannot be known.
        """
        # BEGIN SOLUTION: An answer of a moment ago might be too low.
        shares = self._shares(request.keys)
        self._require(shares)
        mine = shares.pop(self.id, [])
        found = {key: self._committed[key] for key in mine if key in self._committed}
        asking = (self._ask(owner, ListCommittedOffsets(keys)) for owner, keys in shares.items())
        for reply in await asyncio.gather(*asking):
            found |= reply.offsets
        return ListCommittedOffsetsOk(found)
        # END SOLUTION

    @handler
    async def append_as_owner(self, request: Append) -> AppendOk:
        """Append a message that another node was sent, unless that was done already."""
        # BEGIN SOLUTION: The tag is on the disk with the message.
        if request.tag not in self._offsets:
            self._write("send", request.key, request.msg, request.tag)
        return AppendOk(self._offsets[request.tag])
        # END SOLUTION

    @handler
    async def fetch(self, request: Fetch) -> FetchOk:
        """Give messages of own keys that another node has not."""
        # BEGIN SOLUTION
        return FetchOk(
            {
                key: log[known : known + _MOST]
                for key, log in self._logs.items()
                if self._owner(key) == self.id and len(log) > (known := request.known.get(key, 0))
            }
        )
        # END SOLUTION

    # BEGIN SOLUTION: What helps you.
    # ---- other nodes -----------------------------------------------------------------------------

    def _owner(self, key: str) -> str:
        """The node that gives the offsets of a key. Python's own hash differs between processes."""
        return self._nodes[zlib.crc32(key.encode()) % len(self._nodes)]

    def _shares(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """Keys by their owners."""
        shares: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            shares[self._owner(key)].append(key)
        return shares

    def _require(self, owners: Iterable[str]) -> None:
        """Raise `Unavailable` if one of these nodes has not answered lately; nothing was asked yet."""
        for owner in owners:
            if self._unanswered[owner] >= _SILENT:
                raise Unavailable(f"{owner} cannot be reached")

    async def _ask(self, owner: str, request: Request[Any]) -> Any:
        """Ask until there is an answer. Raises `CallTimeout`, and then it may have been done."""
        for _ in range(int(PATIENCE / _TIMEOUT)):
            try:
                return await self.call(owner, request, _TIMEOUT)
            except RPCError:
                continue
        raise CallTimeout(f"{owner} does not answer")

    async def _follow(self, owner: str) -> None:
        """Fetch what is new of the keys of another node, for ever."""
        while True:
            known = {k: len(log) for k, log in self._logs.items() if self._owner(k) == owner}
            try:
                news = (await self.call(owner, Fetch(known), _TIMEOUT)).news
                self._unanswered[owner] = 0
            except RPCError:
                news = {}
                self._unanswered[owner] += 1
            for key, messages in news.items():
                self._logs[key] += messages
            if all(len(messages) < _MOST for messages in news.values()):
                await asyncio.sleep(_PERIOD)

    # ---- what this node has ----------------------------------------------------------------------

    def _from(self, key: str, offset: int) -> list[tuple[int, Any]]:
        """Some messages of a key, from an offset on."""
        log = self._logs.get(key, [])
        return [*enumerate(log[offset : offset + _MOST], offset)]

    def _apply(self, what: str, key: str, value: Any, tag: int) -> None:
        """Do what a record says."""
        if what == "commit":
            self._committed[key] = value
        else:
            self._offsets[tag] = len(self._logs[key])
            self._logs[key].append(value)

    def _write(self, what: str, key: str, value: Any, tag: int = 0) -> None:
        """Do something, and have it on the disk before."""
        with self.disk.open(_FILE, "ab") as file:
            # The line begins the record, so that one that was torn spoils no other.
            file.write(b"\n" + msgspec.json.encode((what, key, value, tag)))
            file.fsync()
        self._apply(what, key, value, tag)

    def _records(self) -> Iterator[tuple[str, str, Any, int]]:
        """What the file holds. A record that was torn as the power went was never acknowledged."""
        for line in self.disk.open(_FILE).read().split(b"\n"):
            try:
                yield msgspec.json.decode(line, type=tuple[str, str, Any, int])
            except msgspec.MsgspecError:
                continue

    # END SOLUTION
