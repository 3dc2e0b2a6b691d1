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
# What else you want to fix, with its unit.
# Your code here.


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
        # Each key has an owner, which alone gives offsets and keeps what was committed.
        raise NotImplementedError("EfficientLog.__init__ is yours to write")

    async def main(self) -> None:
        """What the node does on its own."""
        raise NotImplementedError("EfficientLog.main is yours to write")

    @handler
    async def append_message(self, request: Send) -> SendOk:
        """Append a message to the log of a key, and give the offset that it got.

        Raises `Unavailable` if the message is not in the log and never will be, and `CallTimeout` if
        it may be, or may come to be.
        """
        # If the owner is another node, ask it, and again if it does not answer.
        raise NotImplementedError("EfficientLog.append_message is yours to write")

    @handler
    async def poll(self, request: Poll) -> PollOk:
        """Give messages of keys, of each from an offset on, in order and without a gap."""
        # What a node knows of a log are its first messages, without a gap.
        raise NotImplementedError("EfficientLog.poll is yours to write")

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        """Keep how far messages were processed, for all nodes. A committed offset never goes back.

        Raises `Unavailable` if nothing of it is kept, and `CallTimeout` if something may be.
        """
        # Each owner keeps the offsets of its keys.
        raise NotImplementedError("EfficientLog.commit_offsets is yours to write")

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        """Give the committed offsets of keys; a key without one is left out.

        Raises `Unavailable` or `CallTimeout` if they cannot be known.
        """
        # An answer of a moment ago might be too low.
        raise NotImplementedError("EfficientLog.list_committed_offsets is yours to write")

    @handler
    async def append_as_owner(self, request: Append) -> AppendOk:
        """Append a message that another node was sent, unless that was done already."""
        # The tag is on the disk with the message.
        raise NotImplementedError("EfficientLog.append_as_owner is yours to write")

    @handler
    async def fetch(self, request: Fetch) -> FetchOk:
        """Give messages of own keys that another node has not."""
        raise NotImplementedError("EfficientLog.fetch is yours to write")

    # What helps you.
    # Your code here.
