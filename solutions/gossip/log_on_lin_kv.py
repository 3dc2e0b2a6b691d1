"""A log on several nodes that keep all they have in the service `lin-kv`, which is linearizable.

It keeps the promises of `log.py`, whichever node is asked: an offset of a key is given once, and what
one node has acknowledged is polled from all. A poll may lag behind for a moment, and leaves nothing
out; committed offsets do not lag. In the mean an operation takes at most twelve messages between
nodes and services; half of that is enough. A node keeps nothing on its disk.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from gossip.services import KV
from labs.node import (
    CallTimeout,
    KeyDoesNotExist,
    Message,
    Node,
    PreconditionFailed,
    Request,
    Unavailable,
    handler,
)

PATIENCE = 4.0  # seconds after which an operation is given up; clients wait five
# BEGIN SOLUTION: What else you want to fix, with its unit.
_TIMEOUT = 0.5  # seconds that the service gets to answer
_FRESH = 0.1  # seconds for which what a node knows of a key is good enough for a poll
_SIZE = 32  # entries of a block
_MOST = 100  # messages of a key that a poll gives
_COMMITTED = "committed"  # the key of lin-kv under which all committed offsets are
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


# BEGIN SOLUTION: The log of a key, as far as this node knows it.
_Entry = list[Any]  # a tag that nothing else has, and the message


@dataclass
class _Log:
    """The first entries of the log of a key. There may be more; those that are here never change."""

    entries: list[_Entry] = field(default_factory=list)
    asked: float = -_FRESH  # when the service was last asked for more
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    def learn(self, block: int, entries: list[_Entry]) -> None:
        """Take over what a block holds."""
        self.entries.extend(entries[len(self.entries) - block * _SIZE :])

    def find(self, tag: int, start: int) -> int | None:
        """The offset of the entry with a tag, which is not in front of `start`."""
        tags = (entry[0] for entry in self.entries[start:])
        return next((offset for offset, each in enumerate(tags, start) if each == tag), None)


# END SOLUTION


class LogOnLinKV(Node):
    """Takes and gives messages of all keys; the logs are in `lin-kv`."""

    def __init__(self) -> None:
        # BEGIN SOLUTION: The log of a key is cut into blocks, one after the other, each a value
        # of lin-kv. An entry is put at the end of the last one by cas: so it is stored, and has its offset.
        self._kv = KV(self, "lin-kv", _TIMEOUT)
        self._logs: dict[str, _Log] = defaultdict(_Log)
        self._committed: dict[str, int] = {}  # what was in lin-kv when this node last looked
        # END SOLUTION

    @handler
    async def append_message(self, request: Send) -> SendOk:
        """Append a message to the log of a key, and give the offset that it got.

        Raises `Unavailable` if the message is not in the log and never will be, and `CallTimeout` if
        it may be, or may come to be.
        """
        # BEGIN SOLUTION: Until when is it sure that the message is not in the log?
        log, tried = self._logs[request.key], False
        try:
            async with asyncio.timeout(PATIENCE), log.sending:
                tried = True
                entry = [self.random.getrandbits(53), request.msg]
                return SendOk(await self._append(request.key, entry))
        except TimeoutError:
            if tried:
                raise CallTimeout("lin-kv does not answer; the message may be stored") from None
            raise Unavailable("lin-kv does not answer") from None
        # END SOLUTION

    @handler
    async def poll(self, request: Poll) -> PollOk:
        """Give messages of keys, of each from an offset on, in order and without a gap."""
        # BEGIN SOLUTION: What a node knows of a log never changes. It only may not be all.
        await asyncio.gather(*map(self._freshen, request.offsets))
        return PollOk({key: self._from(key, offset) for key, offset in request.offsets.items()})
        # END SOLUTION

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        """Keep how far messages were processed, for all nodes. A committed offset never goes back.

        Raises `CallTimeout` if it may be kept or not.
        """
        # BEGIN SOLUTION: To do it twice does no harm.
        try:
            async with asyncio.timeout(PATIENCE):
                await self._commit(request.offsets)
        except TimeoutError:
            raise CallTimeout("lin-kv does not answer; the offsets may be committed") from None
        return CommitOffsetsOk()
        # END SOLUTION

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        """Give the committed offsets of keys; a key without one is left out.

        Raises `CallTimeout` if they cannot be known.
        """
        # BEGIN SOLUTION: Only the service knows what others have committed.
        try:
            async with asyncio.timeout(PATIENCE):
                await self._look()
        except TimeoutError:
            raise CallTimeout("lin-kv does not answer") from None
        known = self._committed
        return ListCommittedOffsetsOk({key: known[key] for key in request.keys if key in known})
        # END SOLUTION

    # BEGIN SOLUTION
    async def _append(self, key: str, entry: _Entry) -> int:
        """Put an entry behind all others, and give its offset.

        A cas without an answer may have been done, or may still be. It does no harm: the block that it
        expects never comes back once there is an entry more; and if that is this one, its tag shows it.
        """
        log = self._logs[key]
        start = len(log.entries)
        while (found := log.find(entry[0], start)) is None:
            offset = len(log.entries)
            block = offset // _SIZE
            old = log.entries[block * _SIZE :]
            try:
                await self._kv.cas(_name(key, block), old, [*old, entry], create=not old)
                log.learn(block, [*old, entry])
            except (PreconditionFailed, CallTimeout):
                await self._read(key)
        return found

    async def _read(self, key: str) -> None:
        """Learn what is new in the log of a key, if the service answers."""
        log, full = self._logs[key], True
        log.asked = asyncio.get_running_loop().time()
        try:
            while full:
                block = len(log.entries) // _SIZE
                entries = await self._kv.read(_name(key, block))
                log.learn(block, entries)
                full = len(entries) == _SIZE
        except (KeyDoesNotExist, CallTimeout):
            return

    async def _freshen(self, key: str) -> None:
        """Learn what is new, if the last look was long ago."""
        if self._logs[key].asked + _FRESH <= asyncio.get_running_loop().time():
            await self._read(key)

    def _from(self, key: str, offset: int) -> list[tuple[int, Any]]:
        """Some messages of a key, from an offset on."""
        entries = self._logs[key].entries[offset : offset + _MOST]
        return [(place, message) for place, (_, message) in enumerate(entries, offset)]

    async def _commit(self, offsets: dict[str, int]) -> None:
        """Raise committed offsets. Those that this node has seen in lin-kv are there, or higher ones."""
        while new := {k: v for k, v in offsets.items() if v > self._committed.get(k, -1)}:
            old = self._committed
            try:
                await self._kv.cas(_COMMITTED, old, {**old, **new}, create=not old)
                self._see({**old, **new})
            except PreconditionFailed:
                await self._look()
            except CallTimeout:
                continue

    async def _look(self) -> None:
        """Learn what is committed, as soon as the service answers."""
        while True:
            try:
                self._see(await self._kv.read(_COMMITTED))
            except KeyDoesNotExist:
                pass
            except CallTimeout:
                continue
            return

    def _see(self, committed: dict[str, int]) -> None:
        """Take over what was in lin-kv; answers may come in another order than they were given."""
        known = self._committed
        higher = {k: v for k, v in committed.items() if v > known.get(k, -1)}
        self._committed = {**known, **higher}

    # END SOLUTION


# BEGIN SOLUTION
def _name(key: str, block: int) -> str:
    """The name of a block in lin-kv."""
    return f"log/{key}/{block}"


# END SOLUTION
