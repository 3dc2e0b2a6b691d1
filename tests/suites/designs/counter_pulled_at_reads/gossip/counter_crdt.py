"""No message is sent but for a read, which asks the others what they have added."""

import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, RPCError, handler


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


@dataclass(frozen=True)
class PullOk(Message):
    total: int


@dataclass(frozen=True)
class Pull(Request[PullOk]):
    pass


class GrowOnlyCounter(Node):
    """A node keeps its own total on its disk, a line for each addition, and asks the others for theirs."""

    def __init__(self):
        self.totals = dict.fromkeys(self.peers, 0)
        data = self.disk.open("total").read() if self.disk.exists("total") else b""
        whole = data[: data.rfind(b"\n") + 1]
        self.totals[self.id] = int(whole.split()[-1]) if whole else 0
        with self.disk.open("total.new", "wb") as file:  # drops a torn line
            file.write(b"%d\n" % self.totals[self.id])
            file.fsync()
        self.disk.replace("total.new", "total")
        self.disk.sync()
        self.file = self.disk.open("total", "ab")
        self.waiting = []

    @handler
    async def add(self, request: Add) -> AddOk:
        future = asyncio.get_running_loop().create_future()
        self.waiting.append((request.delta, future))
        if len(self.waiting) == 1:
            self.spawn(self.flush())
        await future
        return AddOk()

    async def flush(self):
        await asyncio.sleep(0.4)
        waiting, self.waiting = self.waiting, []
        total = self.totals[self.id] + sum(delta for delta, _ in waiting)
        self.file.write(b"%d\n" % total)
        self.file.fsync()
        self.totals[self.id] = total
        for _, future in waiting:
            future.set_result(None)

    @handler
    async def read(self, request: Read) -> ReadOk:
        await asyncio.gather(*(self.ask(peer) for peer in self.peers if peer != self.id))
        return ReadOk(sum(self.totals.values()))

    @handler
    async def pull(self, request: Pull) -> PullOk:
        return PullOk(self.totals[self.id])

    async def ask(self, peer):
        try:
            total = (await self.call(peer, Pull(), 0.4)).total
            self.totals[peer] = max(total, self.totals[peer])
        except RPCError:
            pass
