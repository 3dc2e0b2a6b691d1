"""Everything is in one key of lin-kv, changed in batches by compare and set."""

import asyncio
import json
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


class EfficientLog(Node):
    """Everything in one value of lin-kv, {"logs": key -> [[id, msg]...], "commits": key -> offset}. What clients
    ask at one time is done by one read or one cas; a poll that comes while one is under way waits for the next."""

    def __init__(self):
        self.kv = KV(self, "lin-kv", 0.4)
        self.life = f"{self.id}{self.random.getrandbits(48):x}"
        self.number = 0
        self.state = {"logs": {}, "commits": {}, "number": 0}
        self.queue = []
        self.wake = asyncio.Event()

    def now(self):
        return asyncio.get_running_loop().time()

    async def join(self, change, result):
        """`change` alters a state, or is None; `result` looks at one and gives None if the change is not in it."""
        item = [
            change,
            result,
            asyncio.get_running_loop().create_future(),
            self.now() + PATIENCE,
            False,
        ]
        self.queue.append(item)
        self.wake.set()
        return await item[2]

    async def main(self):
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.queue:
                await self.round(self.queue[:])

    async def round(self, items):
        changes = [item for item in items if item[0] and item[1](self.state) is None]
        try:
            if changes:
                for item in changes:
                    item[4] = True
                new = json.loads(json.dumps(self.state))
                for item in changes:
                    item[0](new)
                new["number"] = self.state["number"] + 1
                await self.kv.cas("all", self.state, new, create=not self.state["number"])
                self.state = new
            else:
                self.state = await self.kv.read("all")
        except PreconditionFailed:
            try:
                self.state = await self.kv.read("all")
            except RPCError:
                return self.give_up(items)
        except KeyDoesNotExist:
            pass
        except RPCError:
            return await self.after_doubt(items)
        self.done(items)

    async def after_doubt(self, items):
        try:
            self.state = await self.kv.read("all")
        except RPCError:
            await asyncio.sleep(0.02)
            return self.give_up(items)
        self.done([item for item in items if item[0]])

    def done(self, items):
        for item in items:
            found = item[1](self.state)
            if found is not None:
                self.queue.remove(item)
                item[2].set_result(found)
        self.give_up(items)

    def give_up(self, items):
        for item in items:
            if item in self.queue and self.now() > item[3]:
                self.queue.remove(item)
                item[2].set_exception(
                    CallTimeout("perhaps") if item[4] else Unavailable("no store")
                )

    @handler
    async def append_message(self, request: Send) -> SendOk:
        self.number += 1
        mine = [f"{self.life}.{self.number}", request.msg]

        def change(state):
            state["logs"].setdefault(request.key, []).append(mine)

        def result(state):
            log = state["logs"].get(request.key, [])
            return log.index(mine) if mine in log else None

        return SendOk(await self.join(change, result))

    @handler
    async def poll(self, request: Poll) -> PollOk:
        def result(state):
            return {
                key: [
                    (start + n, msg)
                    for n, (_, msg) in enumerate(state["logs"].get(key, [])[start:])
                ]
                for key, start in request.offsets.items()
            }

        return PollOk(await self.join(None, result))

    @handler
    async def commit_offsets(self, request: CommitOffsets) -> CommitOffsetsOk:
        def change(state):
            for key, offset in request.offsets.items():
                state["commits"][key] = max(offset, state["commits"].get(key, -1))

        def result(state):
            fits = all(
                state["commits"].get(key, -1) >= offset for key, offset in request.offsets.items()
            )
            return True if fits else None

        await self.join(change, result)
        return CommitOffsetsOk()

    @handler
    async def list_committed_offsets(self, request: ListCommittedOffsets) -> ListCommittedOffsetsOk:
        def result(state):
            return {key: state["commits"][key] for key in request.keys if key in state["commits"]}

        return ListCommittedOffsetsOk(await self.join(None, result))
