"""Logs by origin, pulled by version vectors; values are what a replay in one order leaves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gossip.journal import Journal
from labs.node import MalformedRequest, Message, Node, Request, RPCError, handler

Micro = tuple[str, int, int | None]


@dataclass(frozen=True)
class TxnOk(Message):
    txn: list[Micro]


@dataclass(frozen=True)
class Txn(Request[TxnOk]):
    txn: list[Micro]


@dataclass(frozen=True)
class Done:
    origin: str
    number: int
    time: int
    writes: list[tuple[int, int | None]]  # all of them, in their order


@dataclass(frozen=True)
class PullOk(Message):
    done: list[Done]


@dataclass(frozen=True)
class Pull(Request[PullOk]):
    known: dict[str, int]


class UncommittedStore(Node):
    def __init__(self) -> None:
        self.logs: dict[str, list[Done]] = {peer: [] for peer in (*self.peers, self.id)}
        self.values: dict[int, int | None] | None = {}
        self.time = 0
        self.journal = Journal(self.disk)
        for origin, number, at, writes in self.journal.entries():
            self.take(Done(origin, number, at, [tuple(w) for w in writes]))

    def take(self, done: Done) -> bool:
        log = self.logs[done.origin]
        if done.number != len(log):
            return False
        log.append(done)
        self.time = max(self.time, done.time)
        self.values = None
        return True

    def keep(self, done: Done) -> None:
        if self.take(done):
            self.journal.add([done.origin, done.number, done.time, done.writes])

    def read(self) -> dict[int, int | None]:
        if self.values is None:
            everything = [done for log in self.logs.values() for done in log]
            self.values = {}
            for done in sorted(everything, key=lambda d: (d.time, d.origin)):
                self.values.update(done.writes)
        return self.values

    async def main(self) -> None:
        for peer in self.peers:
            if peer != self.id:
                self.spawn(self.follow(peer))
        await asyncio.get_running_loop().create_future()

    async def follow(self, peer: str) -> None:
        while True:
            try:
                known = {origin: len(log) for origin, log in self.logs.items()}
                reply = await self.call(peer, Pull(known), 0.5)
                for done in reply.done:
                    self.keep(done)
                if not reply.done:
                    await asyncio.sleep(0.25)
            except RPCError:
                await asyncio.sleep(0.25)

    @handler
    async def pull(self, request: Pull) -> PullOk:
        found = [d for o, log in self.logs.items() for d in log[request.known.get(o, 0) :]]
        return PullOk(found[:64])

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        values = dict(self.read())
        done: list[Micro] = []
        writes = []
        for f, k, v in request.txn:
            if f == "r":
                done.append((f, k, values.get(k)))
            elif f == "w":
                values[k] = v
                writes.append((k, v))
                done.append((f, k, v))
            else:
                raise MalformedRequest(f)
        if writes:
            self.keep(Done(self.id, len(self.logs[self.id]), self.time + 1, writes))
        return TxnOk(done)
