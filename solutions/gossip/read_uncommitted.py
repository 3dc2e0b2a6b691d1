"""Transactions on several nodes: any node answers at any time, and writes are in one order for all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gossip.journal import Journal
from labs.node import MalformedRequest, Message, Node, Request, RPCError, handler

Micro = tuple[str, int, int | None]  # ("r", key, None) or ("w", key, value)
# BEGIN SOLUTION
_TIMEOUT = 0.4  # seconds that a peer has to acknowledge
_PAUSE = 0.1  # seconds until it is told again
_BATCH = 100  # writes in one message, at most
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
class Write:
    """A value of a key, and the stamp of the transaction that wrote it: a logical time, and its node."""

    key: int
    value: int | None
    stamp: tuple[int, str]


@dataclass(frozen=True)
class StoreOk(Message):
    """The writes were taken, and a crash leaves them."""


@dataclass(frozen=True)
class Store(Request[StoreOk]):
    """Tells a peer writes, which it may know already."""

    writes: list[Write]


class UncommittedStore(Node):
    """Keeps a value for each key, None at first. Its peers keep the same ones, sooner or later."""

    def __init__(self) -> None:
        # BEGIN SOLUTION
        self._clock = 0
        self._kept: dict[int, Write] = {}
        self._outboxes = {peer: _Outbox() for peer in self.peers if peer != self.id}
        self._journal = Journal(self.disk)
        for entry in self._journal.entries():
            self._recover([Write(key, value, (time, node)) for key, value, [time, node] in entry])
        # END SOLUTION

    async def main(self) -> None:
        """Tell every peer what was written here, until it says that it knows."""
        # BEGIN SOLUTION
        await asyncio.gather(*(self._tell(peer) for peer in self._outboxes))
        await super().main()  # for a node without peers
        # END SOLUTION

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        """Do a transaction at once, whoever of the peers can be reached. A crash leaves what was answered.

        If two transactions overwrite each other, all keys that both wrote have in the end, on all nodes,
        the value of the same one. Raises `MalformedRequest` for an operation that is neither a read nor a
        write, and then nothing of it is done.
        """
        # BEGIN SOLUTION
        if strange := [verb for verb, _, _ in request.txn if verb not in ("r", "w")]:
            raise MalformedRequest(f"{strange[0]!r:.80} is neither a read nor a write")
        self._clock += 1
        stamp = self._clock, self.id
        done: list[Micro] = []
        written: dict[int, Write] = {}  # to each key, the last
        for verb, key, value in request.txn:
            if verb == "w":
                self._kept[key] = written[key] = Write(key, value, stamp)
                done.append((verb, key, value))
            else:
                kept = self._kept.get(key)
                done.append((verb, key, kept.value if kept else None))
        if written:
            self._publish(list(written.values()))
        return TxnOk(done)
        # END SOLUTION

    @handler
    async def store(self, request: Store) -> StoreOk:
        """Take the writes of a peer: of two writes to a key, the one with the greater stamp stays."""
        # BEGIN SOLUTION
        fresh = [write for write in request.writes if self._is_newer(write)]
        if fresh:
            self._remember(fresh)
            self._keep(fresh)
        return StoreOk()
        # END SOLUTION

    # BEGIN SOLUTION: your own methods
    def _publish(self, writes: list[Write]) -> None:
        """Have writes on the disk, and on their way."""
        self._remember(writes)
        for outbox in self._outboxes.values():
            outbox.add(writes)

    def _remember(self, writes: list[Write]) -> None:
        self._journal.add([(write.key, write.value, write.stamp) for write in writes])

    def _keep(self, writes: list[Write]) -> None:
        for write in writes:
            self._clock = max(self._clock, write.stamp[0])
            if self._is_newer(write):
                self._kept[write.key] = write

    def _is_newer(self, write: Write) -> bool:
        kept = self._kept.get(write.key)
        return kept is None or kept.stamp < write.stamp

    def _recover(self, writes: list[Write]) -> None:
        """Take what was on the disk; which peers know it, a crash has made forgotten."""
        self._keep(writes)
        mine = [write for write in writes if write.stamp[1] == self.id]
        for outbox in self._outboxes.values():
            outbox.add(mine)

    async def _tell(self, peer: str) -> None:
        outbox = self._outboxes[peer]
        while True:
            writes = await outbox.some()
            try:
                await self.call(peer, Store(writes), _TIMEOUT)
            except RPCError:
                await asyncio.sleep(_PAUSE)
                continue
            outbox.remove(len(writes))

    # END SOLUTION


# BEGIN SOLUTION
class _Outbox:
    """Writes that a peer has not acknowledged."""

    def __init__(self) -> None:
        self._writes: list[Write] = []
        self._filled = asyncio.Event()

    def add(self, writes: list[Write]) -> None:
        self._writes += writes
        if self._writes:
            self._filled.set()

    async def some(self) -> list[Write]:
        """The oldest ones, as soon as there are any."""
        await self._filled.wait()
        return self._writes[:_BATCH]

    def remove(self, number: int) -> None:
        del self._writes[:number]
        if not self._writes:
            self._filled.clear()


# END SOLUTION
