"""Transactions on several nodes, of which nobody reads what was refused or not yet done."""

from __future__ import annotations

import asyncio
from collections import ChainMap
from dataclasses import dataclass

from gossip.journal import Journal
from labs.node import MalformedRequest, Message, Node, Request, RPCError, handler

Micro = tuple[str, int, int | None]  # ("r", key, None) or ("w", key, value)
# BEGIN SOLUTION
_TIMEOUT = 0.4  # seconds that a peer has to acknowledge
_PAUSE = 0.1  # seconds until it is told again
_BATCH = 50  # transactions in one message, at most
# END SOLUTION


@dataclass(frozen=True)
class TxnOk(Message):
    """The transaction was done: its operations in their order, the reads with what they read."""

    txn: list[Micro]


@dataclass(frozen=True)
class Txn(Request[TxnOk]):
    """Asks to do operations as one transaction."""

    txn: list[Micro]


# What nodes tell each other is yours to change.


@dataclass(frozen=True)
class Commit:
    """What a transaction wrote: its last value of each key. The stamp is a logical time, and its node."""

    stamp: tuple[int, str]
    values: list[tuple[int, int | None]]


@dataclass(frozen=True)
class ApplyOk(Message):
    """The transactions were taken, and a crash leaves them."""


@dataclass(frozen=True)
class Apply(Request[ApplyOk]):
    """Tells a peer transactions, each as a whole, which it may know already."""

    commits: list[Commit]


class CommittedStore(Node):
    """Keeps a value for each key, None at first. Its peers keep the same ones, sooner or later."""

    def __init__(self) -> None:
        # BEGIN SOLUTION
        self._clock = 0
        self._values: dict[int, int | None] = {}
        self._stamps: dict[int, tuple[int, str]] = {}  # of the values
        self._outboxes = {peer: _Outbox() for peer in self.peers if peer != self.id}
        self._journal = Journal(self.disk)
        for [time, node], values in self._journal.entries():
            self._recover(Commit((time, node), values))
        # END SOLUTION

    async def main(self) -> None:
        """Tell every peer what was committed here, until it says that it knows."""
        # BEGIN SOLUTION
        await asyncio.gather(*(self._tell(peer) for peer in self._outboxes))
        await super().main()  # for a node without peers
        # END SOLUTION

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        """Do a transaction at once, whoever of the peers can be reached. A crash leaves what was answered.

        It reads what it wrote itself, and else only what transactions left that were done. No circle of
        transactions has each read or overwrite what the one before it wrote. Raises `MalformedRequest` for
        an operation that is neither a read nor a write, and then nobody ever sees anything of it.
        """
        # BEGIN SOLUTION: Nothing may be seen of a transaction before all of it is done.
        if strange := [verb for verb, _, _ in request.txn if verb not in ("r", "w")]:
            raise MalformedRequest(f"{strange[0]!r:.80} is neither a read nor a write")
        written: dict[int, int | None] = {}
        values = ChainMap(written, self._values)
        done: list[Micro] = []
        for verb, key, value in request.txn:
            if verb == "w":
                values[key] = value
            done.append((verb, key, values.get(key)))
        if written:
            # Greater than the stamps of all that it can have read.
            self._commit(Commit((self._clock + 1, self.id), list(written.items())))
        return TxnOk(done)
        # END SOLUTION

    @handler
    async def apply(self, request: Apply) -> ApplyOk:
        """Take the transactions of a peer."""
        # BEGIN SOLUTION
        for commit in request.commits:
            if any(self._is_newer(key, commit.stamp) for key, _ in commit.values):
                self._keep(commit)
        return ApplyOk()
        # END SOLUTION

    # BEGIN SOLUTION: your own methods
    def _commit(self, commit: Commit) -> None:
        """Let a transaction of this node happen, and have it on its way."""
        self._keep(commit)
        for outbox in self._outboxes.values():
            outbox.add(commit)

    def _keep(self, commit: Commit) -> None:
        """Have a transaction on the disk, and then visible, all of it at one moment."""
        self._journal.add([commit.stamp, commit.values])
        self._show(commit)

    def _show(self, commit: Commit) -> None:
        self._clock = max(self._clock, commit.stamp[0])
        for key, value in commit.values:
            if self._is_newer(key, commit.stamp):
                self._values[key], self._stamps[key] = value, commit.stamp

    def _is_newer(self, key: int, stamp: tuple[int, str]) -> bool:
        return key not in self._stamps or self._stamps[key] < stamp

    def _recover(self, commit: Commit) -> None:
        """Take what was on the disk; which peers know it, a crash has made forgotten."""
        self._show(commit)
        if commit.stamp[1] == self.id:
            for outbox in self._outboxes.values():
                outbox.add(commit)

    async def _tell(self, peer: str) -> None:
        outbox = self._outboxes[peer]
        while True:
            commits = await outbox.some()
            try:
                await self.call(peer, Apply(commits), _TIMEOUT)
            except RPCError:
                await asyncio.sleep(_PAUSE)
                continue
            outbox.remove(len(commits))

    # END SOLUTION


# BEGIN SOLUTION
class _Outbox:
    """Transactions that a peer has not acknowledged."""

    def __init__(self) -> None:
        self._commits: list[Commit] = []
        self._filled = asyncio.Event()

    def add(self, commit: Commit) -> None:
        self._commits.append(commit)
        self._filled.set()

    async def some(self) -> list[Commit]:
        """The oldest ones, as soon as there are any."""
        await self._filled.wait()
        return self._commits[:_BATCH]

    def remove(self, number: int) -> None:
        del self._commits[:number]
        if not self._commits:
            self._filled.clear()


# END SOLUTION
