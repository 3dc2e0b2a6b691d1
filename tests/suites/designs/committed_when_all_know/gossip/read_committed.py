"""Many versions, read by snapshots that are version vectors; commits wait for their causes; stamps are sums of vectors."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gossip.journal import Journal
from labs.node import MalformedRequest, Message, Node, Request, handler

Micro = tuple[str, int, int | None]


@dataclass(frozen=True)
class TxnOk(Message):
    txn: list[Micro]


@dataclass(frozen=True)
class Txn(Request[TxnOk]):
    txn: list[Micro]


@dataclass(frozen=True)
class Commit:
    vector: dict[str, int]  # what was known here, itself included
    origin: str
    values: list[tuple[int, int | None]]

    @property
    def stamp(self) -> tuple[int, str]:
        return sum(self.vector.values()), self.origin


@dataclass(frozen=True)
class Want(Message):
    sender: str
    have: dict[str, int]


@dataclass(frozen=True)
class Have(Message):
    commits: list[Commit]


class CommittedStore(Node):
    def __init__(self) -> None:
        self.vector: dict[str, int] = {}
        self.logs: dict[str, list[Commit]] = {}
        self.versions: dict[int, list[tuple[tuple[int, str], int, int | None]]] = {}
        self.waiting: list[Commit] = []
        self.others: dict[str, dict[str, int]] = {}
        self.journal = Journal(self.disk)
        for vector, origin, values in self.journal.entries():
            self.install(Commit(vector, origin, [tuple(v) for v in values]))

    def install(self, commit: Commit) -> None:
        number = commit.vector[commit.origin]
        self.vector[commit.origin] = number
        self.logs.setdefault(commit.origin, []).append(commit)
        for k, v in commit.values:
            chain = self.versions.setdefault(k, [])
            chain.append((commit.stamp, number, v))
            chain.sort(key=lambda c: c[0])

    def keep(self, commit: Commit) -> None:
        self.journal.add([commit.vector, commit.origin, commit.values])
        self.install(commit)

    def ready(self, commit: Commit) -> bool:
        return all(
            self.vector.get(node, 0) >= number - (node == commit.origin)
            for node, number in commit.vector.items()
        )

    def known(self, commit: Commit) -> bool:
        return self.vector.get(commit.origin, 0) >= commit.vector[commit.origin]

    async def main(self) -> None:
        while True:
            await asyncio.sleep(self.random.uniform(0.2, 0.4))
            for peer in self.peers:
                if peer != self.id:
                    self.send(peer, Want(self.id, self.vector))

    def stable(self) -> dict[str, int]:
        """What every node is known to have: everyone can read it."""
        all_of_them = [self.vector, *(self.others.get(p, {}) for p in self.peers if p != self.id)]
        return {n: min(v.get(n, 0) for v in all_of_them) for n in self.vector}

    @handler
    async def want(self, message: Want) -> None:
        old = self.others.get(message.sender, {})
        self.others[message.sender] = {
            n: max(old.get(n, 0), message.have.get(n, 0)) for n in {*old, *message.have}
        }
        news = [c for o, log in self.logs.items() for c in log[message.have.get(o, 0) :]]
        self.random.shuffle(news)
        news.sort(key=lambda c: c.stamp[0] // 40)
        for n in range(0, min(len(news), 200), 40):
            self.send(message.sender, Have(news[n : n + 40]))

    @handler
    async def have(self, message: Have) -> None:
        self.waiting = [*self.waiting, *message.commits][-500:]
        again = True
        while again:
            again = False
            for commit in self.waiting:
                if not self.known(commit) and self.ready(commit):
                    self.keep(commit)
                    again = True
        self.waiting = [c for c in self.waiting if not self.known(c)]

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        if not {f for f, _, _ in request.txn} <= {"r", "w"}:
            raise MalformedRequest("only r and w")
        snapshot = self.stable()
        mine: dict[int, int | None] = {}
        done: list[Micro] = []
        for f, k, v in request.txn:
            await asyncio.sleep(self.random.choice((0, 0.002)))
            if f == "w":
                mine[k] = v
            elif k in mine:
                v = mine[k]
            else:
                v = None
                for stamp, number, value in self.versions.get(k, ()):
                    if number <= snapshot.get(stamp[1], 0):
                        v = value
            done.append((f, k, v))
        if mine:
            vector = {**self.vector, self.id: self.vector.get(self.id, 0) + 1}
            self.keep(Commit(vector, self.id, list(mine.items())))
        return TxnOk(done)
