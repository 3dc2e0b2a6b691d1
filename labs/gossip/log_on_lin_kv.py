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


# The log of a key, as far as this node knows it.
# Your code here.


class LogOnLinKV(Node):
    """Takes and gives messages of all keys; the logs are in `lin-kv`."""

    def __init__(self) -> None:
        # The log of a key is cut into blocks, one after the other, each a value
        raise NotImplementedError("LogOnLinKV.__init__ is yours to write")

    @handler
    async def append_message(self, request: Send) -> SendOk:
        """Append a message to the log of a key, and give the offset that it got.

        Raises `Unavailable` if the message is not in the log and never will be, and `CallTimeout` if
        it may be, or may come to be.
        """
        # Until when is it sure that the message is not in the log?
        raise NotImplementedError("LogOnLinKV.append_message is yours to write")

    @handler
    async def poll(self, request: Poll) -> PollOk:
        """Give messages of keys, of each from an offset on, in order and without a gap."""
        # What a node knows of a log never changes. It only may not be all.
        raise NotImplementedError("LogOnLinKV.poll is yours to write")

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        """Keep how far messages were processed, for all nodes. A committed offset never goes back.

        Raises `CallTimeout` if it may be kept or not.
        """
        # To do it twice does no harm.
        raise NotImplementedError("LogOnLinKV.commit_offsets is yours to write")

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        """Give the committed offsets of keys; a key without one is left out.

        Raises `CallTimeout` if they cannot be known.
        """
        # Only the service knows what others have committed.
        raise NotImplementedError("LogOnLinKV.list_committed_offsets is yours to write")

    # Your code here.


# Your code here.
