"""A log on one node, as Kafka keeps it: messages under offsets, and how far consumers have come.

Each key has a log of its own. A message gets an offset greater than all that its log has given before,
and keeps it for ever. Who polls from an offset on gets messages in the order of their offsets, and none
in between is left out; a poll need not give all that there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from labs.node import Message, Node, Request, handler

FILE = "log"
MOST = 100  # messages of a key that a poll gives


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


class LogNode(Node):
    """Keeps all logs by itself. What it has acknowledged survives a crash and a loss of power."""

    def __init__(self) -> None:
        # What was acknowledged in an earlier life is on the disk.
        raise NotImplementedError("LogNode.__init__ is yours to write")

    @handler
    async def append_message(self, request: Send) -> SendOk:
        """Append a message to the log of a key, and give the offset that it got."""
        # Store it before anyone learns of it.
        raise NotImplementedError("LogNode.append_message is yours to write")

    @handler
    async def poll(self, request: Poll) -> PollOk:
        """Give messages of keys, of each from an offset on, in order and without a gap."""
        raise NotImplementedError("LogNode.poll is yours to write")

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        """Keep how far messages were processed.

        A committed offset never goes back: a lower one says nothing new.
        """
        raise NotImplementedError("LogNode.commit_offsets is yours to write")

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        """Give the committed offsets of keys; a key without one is left out."""
        raise NotImplementedError("LogNode.list_committed_offsets is yours to write")

    # What helps you to read and write the file.
    # Your code here.
