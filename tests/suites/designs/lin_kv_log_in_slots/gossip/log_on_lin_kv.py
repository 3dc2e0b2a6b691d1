"""A key for the next offset, and a key for each message; a hole is closed by whoever waits for it."""

import asyncio
from dataclasses import dataclass
from typing import Any

from gossip.services import KV
from labs.node import (
    CallTimeout,
    KeyDoesNotExist,
    Message,
    Node,
    PreconditionFailed,
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
NEVER = {"never": "there"}


class LogOnLinKV(Node):
    """Two steps: an offset is taken from `next/key` by cas, then the message is created under
    `slot/key/offset`. A slot that was taken and stays empty is closed by whoever polls, by creating it with a
    stone (null); a slot never changes once it is there, so a late message finds it taken."""

    def __init__(self):
        self.kv = KV(self, "lin-kv", 0.4)
        self.life = f"{self.id}{self.random.getrandbits(48):x}"
        self.number = 0
        self.nexts = {}  # key -> the next offset, as last seen
        self.slots = {}  # key -> {offset: [id, message] or None}
        self.committed = {}

    @handler
    async def append_message(self, request: Send) -> SendOk:
        self.number += 1
        mine = [f"{self.life}.{self.number}", request.msg]
        until = self.now() + PATIENCE
        doubt = False
        while True:
            offset = await self.take(request.key, until, doubt)
            while True:
                if self.now() > until:
                    raise CallTimeout("perhaps") if doubt else Unavailable("not done")
                try:
                    await self.kv.cas(f"slot/{request.key}/{offset}", NEVER, mine, create=True)
                    self.slots.setdefault(request.key, {})[offset] = mine
                    return SendOk(offset)
                except PreconditionFailed:
                    pass
                except RPCError:
                    doubt = True
                    await asyncio.sleep(0.02)
                    continue
                try:
                    found = await self.kv.read(f"slot/{request.key}/{offset}") if doubt else None
                except RPCError:
                    continue
                if found == mine:
                    return SendOk(offset)
                doubt = False
                break  # a stone; another offset

    async def take(self, key, until, doubt):
        while True:
            if self.now() > until:
                raise CallTimeout("perhaps") if doubt else Unavailable("no offset")
            await self.look(key)
            offset = self.nexts.get(key, 0)
            self.nexts[key] = offset + 1  # so that another task here takes another one
            try:
                await self.kv.cas("next/" + key, offset, offset + 1, create=not offset)
                return offset
            except (PreconditionFailed, KeyDoesNotExist):
                pass
            except RPCError:
                await asyncio.sleep(0.02)

    async def look(self, key):
        try:
            self.nexts[key] = await self.kv.read("next/" + key)
        except KeyDoesNotExist:
            self.nexts[key] = 0
        except RPCError:
            pass

    @handler
    async def poll(self, request: Poll) -> PollOk:
        found = await asyncio.gather(
            *(self.poll_one(key, start) for key, start in request.offsets.items())
        )
        return PollOk(dict(zip(request.offsets, found)))

    async def poll_one(self, key, start):
        slots = self.slots.setdefault(key, {})
        given = []
        try:
            end = await self.kv.read("next/" + key)
        except RPCError:
            end = start
            while end in slots:
                end += 1
        missing = [n for n in range(start, min(end, start + 50)) if n not in slots]
        await asyncio.gather(*(self.fetch(key, n) for n in missing))
        for n in range(start, end):
            if n not in slots:
                break
            if slots[n] is not None:
                given.append((n, slots[n][1]))
        return given[:1]

    async def fetch(self, key, n):
        slots = self.slots[key]
        name = f"slot/{key}/{n}"
        for last in (False, True):
            try:
                slots[n] = await self.kv.read(name)
                return
            except KeyDoesNotExist:
                pass
            except RPCError:
                return
            if not last:
                await asyncio.sleep(0.2)  # for who is about to fill it
        try:
            await self.kv.cas(name, NEVER, None, create=True)
            slots[n] = None
        except PreconditionFailed:
            try:
                slots[n] = await self.kv.read(name)
            except RPCError:
                pass
        except RPCError:
            pass

    # committed offsets: a value for each key, only raised by cas; what is known of it is a lower bound

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        until = self.now() + PATIENCE
        await asyncio.gather(
            *(self.commit(key, offset, until) for key, offset in request.offsets.items())
        )
        return CommitOffsetsOk()

    async def commit(self, key, offset, until):
        while self.committed.get(key, -1) < offset:
            old = self.committed.get(key, -1)
            try:
                await self.kv.cas("commit/" + key, old, offset, create=old < 0)
                self.committed[key] = max(offset, self.committed.get(key, -1))
            except PreconditionFailed:
                await self.committed_offset(key)
            except RPCError:
                if self.now() > until:
                    raise CallTimeout("may be kept or not")
                await asyncio.sleep(0.05)
            if self.now() > until:
                raise CallTimeout("may be kept or not")

    async def committed_offset(self, key):
        try:
            found = await self.kv.read("commit/" + key)
        except KeyDoesNotExist:
            return None
        except RPCError:
            return None if key not in self.committed else self.committed[key]
        self.committed[key] = max(found, self.committed.get(key, -1))
        return found

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        async def one(key):
            try:
                return key, await self.kv.read("commit/" + key)
            except KeyDoesNotExist:
                return key, None

        found = await asyncio.gather(*map(one, request.keys))
        return ListCommittedOffsetsOk({key: offset for key, offset in found if offset is not None})

    def now(self):
        return asyncio.get_running_loop().time()
