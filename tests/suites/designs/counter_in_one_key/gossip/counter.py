"""One key holds the sum, and the number of the last batch that each node has added to it."""

import asyncio
from dataclasses import dataclass

from labs.node import (
    KeyDoesNotExist,
    Message,
    Node,
    Request,
    RPCError,
    handler,
)


@dataclass(frozen=True)
class AddOk(Message):
    pass


@dataclass(frozen=True)
class Add(Request[AddOk]):
    delta: int


@dataclass(frozen=True)
class ReadOk(Message):
    value: int


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    pass


from gossip.services import KV

KEY = "counter"
NEVER = {"never": "there"}


class Counter(Node):
    """One shared key {total, done: node -> id of its last batch, nonce}. Adds and reads go in batches; a
    batch is one cas that always changes the value, so its result is the newest. `done` tells whether a cas
    whose answer was lost took effect."""

    def __init__(self):
        self.kv = KV(self, "seq-kv", 0.5)
        self.life = f"{self.id}-{self.random.getrandbits(64):x}"
        self.number = 0
        self.waiting = []  # (delta, future)
        self.wake = asyncio.Event()
        self.value = None  # last seen

    def nonce(self):
        self.number += 1
        return f"{self.life}-{self.number}"

    @handler
    async def add(self, request: Add) -> AddOk:
        await self.join(request.delta)
        return AddOk()

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(await self.join(0))

    def join(self, delta):
        future = asyncio.get_running_loop().create_future()
        self.waiting.append((delta, future))
        self.wake.set()
        return future

    async def main(self):
        while True:
            await self.wake.wait()
            self.wake.clear()
            batch, self.waiting = self.waiting, []
            total = await self.apply(sum(d for d, _ in batch))
            for _, future in batch:
                if not future.done():
                    future.set_result(total)

    async def apply(self, delta):
        """Add to the total exactly once; the total after it, or a later one."""
        batch = self.nonce()
        while True:
            old = self.value
            new = {
                "total": (old["total"] if old else 0) + delta,
                "done": {**(old["done"] if old else {}), self.id: batch},
            }
            try:
                await self.kv.cas(KEY, old or NEVER, new, create=old is None)
                self.value = new
                return new["total"]
            except RPCError:
                pass
            await asyncio.sleep(self.random.uniform(0, 0.03))
            self.value = await self.fresh()
            if self.value and self.value["done"].get(self.id) == batch:
                return self.value["total"]

    async def fresh(self):
        while True:
            try:
                await self.kv.write(f"touch-{self.id}", self.nonce())
                return await self.kv.read(KEY)
            except KeyDoesNotExist:
                return None
            except RPCError:
                await asyncio.sleep(0.05)
