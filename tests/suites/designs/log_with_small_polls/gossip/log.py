"""A poll gives a hundred messages at most, of all keys together."""

import json
from dataclasses import dataclass
from typing import Any

from gossip.journal import Journal
from labs.node import (
    Message,
    Node,
    Request,
    handler,
)


@dataclass(frozen=True)
class SendOk(Message):
    offset: int


@dataclass(frozen=True)
class Send(Request[SendOk]):
    key: str
    msg: Any


@dataclass(frozen=True)
class PollOk(Message):
    msgs: dict[str, list[tuple[int, Any]]]


@dataclass(frozen=True)
class Poll(Request[PollOk]):
    offsets: dict[str, int]


@dataclass(frozen=True)
class CommitOffsetsOk(Message):
    pass


@dataclass(frozen=True)
class CommitOffsets(Request[CommitOffsetsOk]):
    offsets: dict[str, int]


@dataclass(frozen=True)
class ListCommittedOffsetsOk(Message):
    offsets: dict[str, int]


@dataclass(frozen=True)
class ListCommittedOffsets(Request[ListCommittedOffsetsOk]):
    keys: list[str]


class LogNode(Node):
    """A file for each log, named by the key in hex; offsets are the numbers of its lines. Commits are in a
    file that is replaced as a whole. A poll gives everything."""

    def __init__(self):
        self.logs = {}
        self.journals = {}
        for name in self.disk.names():
            if name.startswith("log-") and not name.endswith(".new"):
                self.log(bytes.fromhex(name[4:]).decode())
        self.commits = (
            json.loads(self.disk.open("commits").read()) if self.disk.exists("commits") else {}
        )
        if self.commits:
            self.save()

    def log(self, key):
        if key not in self.logs:
            self.journals[key] = Journal(self.disk, "log-" + key.encode().hex())
            self.logs[key] = self.journals[key].entries()
        return self.logs[key]

    def save(self):
        with self.disk.open("commits.new", "wb") as file:
            file.write(json.dumps(self.commits).encode())
            file.fsync()
        self.disk.replace("commits.new", "commits")
        self.disk.sync()

    @handler
    async def append_message(self, request: Send) -> SendOk:
        log = self.log(request.key)
        self.journals[request.key].add(request.msg)
        log.append(request.msg)
        return SendOk(len(log) - 1)

    @handler
    async def poll(self, request: Poll) -> PollOk:
        found, room = {}, 100  # messages that a poll gives, of all keys together
        for key, start in request.offsets.items():
            part = [e for e in enumerate(self.logs.get(key, [])) if e[0] >= start][:room]
            room -= len(part)
            if part:
                found[key] = part
        return PollOk(found)

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        for key, offset in request.offsets.items():
            self.commits[key] = max(offset, self.commits.get(key, 0))
        self.save()
        return CommitOffsetsOk()

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        return ListCommittedOffsetsOk(
            {key: self.commits[key] for key in request.keys if key in self.commits}
        )
