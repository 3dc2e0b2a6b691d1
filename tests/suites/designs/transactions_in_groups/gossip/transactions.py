"""In place with undo; group commit: one task executes all that wait, and writes them with one fsync.

The log has frames: length, CRC, JSON of what keys are after it. A torn frame at the end is cut off.
"""

from __future__ import annotations

import asyncio
import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any

from labs.node import MalformedRequest, Message, Node, Request, handler

Micro = tuple[str, int, Any]
HEAD = struct.Struct(">II")
GONE = object()


@dataclass(frozen=True)
class TxnOk(Message):
    txn: list[Micro]


@dataclass(frozen=True)
class Txn(Request[TxnOk]):
    txn: list[Micro]


class TransactionStore(Node):
    def __init__(self) -> None:
        self.values: dict[int, Any] = {}
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        self.recover()

    def recover(self) -> None:
        data = self.disk.open("wal").read() if self.disk.exists("wal") else b""
        at = 0
        while at + HEAD.size <= len(data):
            size, crc = HEAD.unpack_from(data, at)
            body = data[at + HEAD.size : at + HEAD.size + size]
            if len(body) < size or zlib.crc32(body) != crc:
                break
            for f, k, v in json.loads(body):
                self.redo(f, k, v)
            at += HEAD.size + size
        with self.disk.open("wal.tmp", "wb") as file:
            file.write(data[:at])
            file.fsync()
        self.disk.replace("wal.tmp", "wal")
        self.disk.sync()
        self.wal = self.disk.open("wal", "ab")

    def redo(self, f: str, k: int, v: Any) -> None:
        if f == "w":
            self.values[k] = v
        else:
            self.values[k] = (self.values.get(k) or []) + [v]

    async def main(self) -> None:
        while True:
            batch = [await self.queue.get()]
            await asyncio.sleep(0.25)
            while not self.queue.empty():
                batch.append(self.queue.get_nowait())
            answers, frames = [], b""
            for ops, future in batch:
                try:
                    done, log = self.execute(ops)
                except MalformedRequest as error:
                    answers.append((future, error))
                    continue
                answers.append((future, TxnOk(done)))
                if log:
                    body = json.dumps(log).encode()
                    frames += HEAD.pack(len(body), zlib.crc32(body)) + body
            if frames:
                self.wal.write(frames)
                self.wal.fsync()
            for future, answer in answers:
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    def execute(self, ops: list[Micro]) -> tuple[list[Micro], list[Micro]]:
        undo, log, done = [], [], []
        try:
            for f, k, v in ops:
                if f == "r":
                    v = self.values.get(k)
                    done.append((f, k, v))
                    continue
                if f not in ("w", "append"):
                    raise MalformedRequest(f"{f} is no operation")
                old = self.values.get(k, GONE)
                if (
                    f == "append"
                    and old is not GONE
                    and old is not None
                    and not isinstance(old, list)
                ):
                    raise MalformedRequest(f"{k} holds no list")
                undo.append((k, old))
                self.redo(f, k, v)
                log.append((f, k, v))
                done.append((f, k, v))
        except MalformedRequest:
            for k, old in reversed(undo):
                if old is GONE:
                    del self.values[k]
                else:
                    self.values[k] = old
            raise
        return done, log

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        future = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((request.txn, future))
        return await future
