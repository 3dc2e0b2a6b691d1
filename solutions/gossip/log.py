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
        # BEGIN SOLUTION: What was acknowledged in an earlier life is on the disk.
        self._logs: dict[str, list[Any]] = {}
        self._committed: dict[str, int] = {}
        if not self.disk.exists(FILE):
            self.disk.open(FILE, "wb")
            self.disk.sync()
        for record in self._records():
            self._apply(*record)
        # END SOLUTION

    @handler
    async def append_message(self, request: Send) -> SendOk:
        """Append a message to the log of a key, and give the offset that it got."""
        # BEGIN SOLUTION: Store it before anyone learns of it.
        self._write("send", request.key, request.msg)
        return SendOk(len(self._logs[request.key]) - 1)
        # END SOLUTION

    @handler
    async def poll(self, request: Poll) -> PollOk:
        """Give messages of keys, of each from an offset on, in order and without a gap."""
        # BEGIN SOLUTION
        return PollOk({key: self._from(key, offset) for key, offset in request.offsets.items()})
        # END SOLUTION

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        """Keep how far messages were processed.

        A committed offset never goes back: a lower one says nothing new.
        """
        # BEGIN SOLUTION
        for key, offset in request.offsets.items():
            if offset > self._committed.get(key, -1):
                self._write("commit", key, offset)
        return CommitOffsetsOk()
        # END SOLUTION

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        """Give the committed offsets of keys; a key without one is left out."""
        # BEGIN SOLUTION
        known = self._committed
        return ListCommittedOffsetsOk({key: known[key] for key in request.keys if key in known})
        # END SOLUTION

    # BEGIN SOLUTION: What helps you to read and write the file.
    def _from(self, key: str, offset: int) -> list[tuple[int, Any]]:
        """Some messages of a key, from an offset on."""
        return [*enumerate(self._logs.get(key, [])[offset : offset + MOST], offset)]

    def _apply(self, what: str, key: str, value: Any) -> None:
        """Do what a record says."""
        if what == "send":
            self._logs.setdefault(key, []).append(value)
        else:
            self._committed[key] = value

    def _write(self, what: str, key: str, value: Any) -> None:
        """Do something, and have it on the disk before."""
        with self.disk.open(FILE, "ab") as file:
            # The line begins the record, so that one that was torn spoils no other.
            file.write(b"\n" + msgspec.json.encode((what, key, value)))
            file.fsync()
        self._apply(what, key, value)

    def _records(self) -> Iterator[tuple[str, str, Any]]:
        """What the file holds. A record that was torn as the power went was never acknowledged."""
        for line in self.disk.open(FILE).read().split(b"\n"):
            try:
                yield msgspec.json.decode(line, type=tuple[str, str, Any])
            except msgspec.MsgspecError:
                continue

    # END SOLUTION
