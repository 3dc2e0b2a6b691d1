"""Multi-version, optimistic: a transaction runs on a snapshot with pauses, is validated, and tried again.

On the disk: a file for each version of a key (k<key>.<version>), and `root`, which names the newest ones
and is put in place by a rename. Files that no root names are swept at the start.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from labs.node import MalformedRequest, Message, Node, Request, handler

Micro = tuple[str, int, Any]


@dataclass(frozen=True)
class TxnOk(Message):
    txn: list[Micro]


@dataclass(frozen=True)
class Txn(Request[TxnOk]):
    txn: list[Micro]


class TransactionStore(Node):
    def __init__(self) -> None:
        self.versions: dict[int, list[tuple[int, Any]]] = {}  # key: (version, value), oldest first
        self.now = 0
        names = {}
        if self.disk.exists("root"):
            root = json.loads(self.disk.open("root").read())
            self.now = root["now"]
            names = {int(k): v for k, v in root["keys"].items()}
        self.names = names
        for k, version in names.items():
            value = json.loads(self.disk.open(f"k{k}.{version}").read())
            self.versions[k] = [(version, value)]
        wanted = {f"k{k}.{v}" for k, v in names.items()} | {"root"}
        for name in self.disk.names():
            if name not in wanted:
                self.disk.remove(name)
        self.disk.sync()

    def at(self, k: int, snapshot: int) -> tuple[int, Any]:
        found = (0, None)
        for version, value in self.versions.get(k, ()):
            if version <= snapshot:
                found = (version, value)
        return found

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        for attempt in range(1000):
            done = await self.attempt(request.txn, patient=attempt < 5)
            if done is not None:
                return TxnOk(done)
        raise AssertionError

    async def attempt(self, ops: list[Micro], patient: bool) -> list[Micro] | None:
        snapshot, mine, seen, done = self.now, {}, {}, []
        for f, k, v in ops:
            if patient:
                await asyncio.sleep(self.random.uniform(0, 0.002))
            if f == "w":
                mine[k] = v
            elif f in ("r", "append"):
                if k in mine:
                    now = mine[k]
                else:
                    seen[k], now = self.at(k, snapshot)
                if f == "r":
                    v = now
                elif now is None or isinstance(now, list):
                    mine[k] = [*(now or []), v]
                else:
                    if any(self.at(key, self.now)[0] != version for key, version in seen.items()):
                        return None
                    raise MalformedRequest(f"{k} is no list")
            else:
                raise MalformedRequest(f"{f}?")
            done.append((f, k, v))
        # no await from here on
        if any(self.at(k, self.now)[0] != version for k, version in seen.items()):
            return None
        if mine:
            self.commit(mine)
        return done

    def commit(self, mine: dict[int, Any]) -> None:
        version = self.now + 1
        names = dict(self.names)
        old = []
        for k, value in mine.items():
            with self.disk.open(f"k{k}.{version}", "wb") as file:
                file.write(json.dumps(value).encode())
                file.fsync()
            if k in names:
                old.append(f"k{k}.{names[k]}")
            names[k] = version
        self.disk.sync()
        with self.disk.open("root.new", "wb") as file:
            file.write(json.dumps({"now": version, "keys": names}).encode())
            file.fsync()
        self.disk.replace("root.new", "root")
        self.disk.sync()
        for name in old:
            self.disk.remove(name)
        self.now, self.names = version, names
        for k, value in mine.items():
            chain = self.versions.setdefault(k, [])
            chain.append((version, value))
            del chain[:-50]
