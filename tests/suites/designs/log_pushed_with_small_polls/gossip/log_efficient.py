"""Each key has an owner, which pushes to the others; a poll gives a hundred messages at most."""

import asyncio
from dataclasses import dataclass
from typing import Any

from gossip.journal import Journal
from labs.node import (
    CallTimeout,
    Message,
    Node,
    Request,
    RPCError,
    Unavailable,
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


PATIENCE = 4.0
TRY = 0.3
GATHER = 0.01  # seconds for which messages to an owner are gathered
TELL = 0.05  # seconds after which an owner tells what is new
REPAIR = 1.0


@dataclass(frozen=True)
class BatchOk(Message):
    results: list[Any]


@dataclass(frozen=True)
class Batch(Request[BatchOk]):
    """Requests to an owner: [what, data, tag] each."""

    items: list[Any]


@dataclass(frozen=True)
class News(Message):
    """Of keys of the sender: from where on, and what."""

    from_: str
    parts: dict[str, tuple[int, list[tuple[int, Any]]]]  # the last offset before, and pairs


@dataclass(frozen=True)
class Known(Message):
    """What the sender knows of the receiver's keys: the last offset of each."""

    from_: str
    last: dict[str, int]


class EfficientLog(Node):
    """The owner of a key is found by the sum of its bytes. Owners push what is new to all, gathered; once a
    second everybody says what it has, and gets what it lacks. What is asked of an owner is gathered, too. An
    owner's offsets grow by two, for no reason. Polls are answered from memory."""

    def __init__(self):
        self.journal = Journal(self.disk)
        self.ring = sorted(self.peers)
        self.logs = {}  # key -> [(offset, msg)], own and others'
        self.commits, self.tags = {}, {}
        entries = self.journal.entries()
        for entry in entries:
            self.apply(*entry)
        self.journal.add(["life"])
        self.life = sum(entry[0] == "life" for entry in entries)
        self.number = 0
        self.outbox = {peer: [] for peer in self.peers}
        self.told = {key: log[-1][0] for key, log in self.logs.items()}
        self.telling = False

    def owner(self, key):
        return self.ring[sum(key.encode()) % len(self.ring)]

    def apply(self, kind, *fields):
        if kind == "m":
            key, offset, msg, tag = fields
            self.logs.setdefault(key, []).append((offset, msg))
            self.tags[tag] = offset
        elif kind == "c":
            for key, offset in fields[0].items():
                self.commits[key] = max(offset, self.commits.get(key, -1))

    def write(self, *entry):
        self.journal.add(entry)
        self.apply(*entry)

    # ---- as an owner

    def do(self, what, data, tag):
        if what == "send":
            key, msg = data
            if tag not in self.tags:
                log = self.logs.get(key)
                self.write("m", key, log[-1][0] + 2 if log else 1, msg, tag)
                if not self.telling:
                    self.telling = True
                    self.spawn(self.tell())
            return self.tags[tag]
        if what == "commit":
            self.write("c", data)
            return True
        return {key: self.commits[key] for key in data if key in self.commits}

    @handler
    async def batch(self, request: Batch) -> BatchOk:
        return BatchOk([self.do(*item) for item in request.items])

    async def tell(self):
        await asyncio.sleep(TELL)
        self.telling = False
        parts = {}
        for key, log in self.logs.items():
            last = self.told.get(key, -1)
            if self.owner(key) == self.id and log[-1][0] > last:
                parts[key] = self.part(key, last)
                self.told[key] = log[-1][0]
        for peer in self.peers:
            if peer != self.id:
                self.send(peer, News(self.id, parts))

    def part(self, key, last):
        new = [each for each in self.logs[key] if each[0] > last]
        return last, new

    @handler
    async def known(self, message: Known) -> None:
        parts = {}
        for key, log in self.logs.items():
            last = message.last.get(key, -1)
            if self.owner(key) == self.id and log[-1][0] > last:
                parts[key] = self.part(key, last)
        if parts:
            self.send(message.from_, News(self.id, parts))

    @handler
    async def news(self, message: News) -> None:
        gap = False
        for key, (before, new) in message.parts.items():
            log = self.logs.setdefault(key, [])
            last = log[-1][0] if log else -1
            if before > last:
                gap = True
            else:
                log += [each for each in new if each[0] > last]
            if not log:
                del self.logs[key]
        if gap:
            self.say(message.from_)

    def say(self, peer):
        self.send(
            peer,
            Known(
                self.id,
                {key: log[-1][0] for key, log in self.logs.items() if self.owner(key) == peer},
            ),
        )

    async def main(self):
        while True:
            for peer in self.peers:
                if peer != self.id:
                    self.say(peer)
            await asyncio.sleep(REPAIR)

    # ---- as who is asked by a client

    async def ask(self, owner, what, data):
        self.number += 1
        tag = f"{self.id}/{self.life}/{self.number}"
        if owner == self.id:
            return self.do(what, data, tag)
        future = asyncio.get_running_loop().create_future()
        self.outbox[owner].append(([what, data, tag], future))
        if len(self.outbox[owner]) == 1:
            self.spawn(self.flush(owner))
        return await future

    async def flush(self, owner):
        await asyncio.sleep(GATHER)
        waiting, self.outbox[owner] = self.outbox[owner], []
        until = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < until:
            try:
                results = (
                    await self.call(owner, Batch([item for item, _ in waiting]), TRY)
                ).results
                for (_, future), result in zip(waiting, results):
                    future.set_result(result)
                return
            except RPCError:
                await asyncio.sleep(0.02)
        for item, future in waiting:
            future.set_exception(
                Unavailable("owner away") if item[0] == "list" else CallTimeout("perhaps")
            )

    @handler
    async def append_message(self, request: Send) -> SendOk:
        return SendOk(await self.ask(self.owner(request.key), "send", [request.key, request.msg]))

    @handler
    async def poll(self, request: Poll) -> PollOk:
        found, room = {}, 100  # messages that a poll gives, of all keys together
        for key, start in request.offsets.items():
            part = [e for e in self.logs.get(key, []) if e[0] >= start][:room]
            room -= len(part)
            if part:
                found[key] = part
        return PollOk(found)

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        parts = {}
        for key, offset in request.offsets.items():
            parts.setdefault(self.owner(key), {})[key] = offset
        await asyncio.gather(*(self.ask(owner, "commit", part) for owner, part in parts.items()))
        return CommitOffsetsOk()

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        parts = {}
        for key in request.keys:
            parts.setdefault(self.owner(key), []).append(key)
        found = await asyncio.gather(
            *(self.ask(owner, "list", part) for owner, part in parts.items())
        )
        return ListCommittedOffsetsOk(
            {key: offset for each in found for key, offset in each.items()}
        )
