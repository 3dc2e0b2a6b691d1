"""Transactions on several nodes: any node answers at any time, and writes are in one order for all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from gossip.journal import Journal
from labs.node import MalformedRequest, Message, Node, Request, RPCError, handler

Micro = tuple[str, int, int | None]  # ("r", key, None) or ("w", key, value)
# Your code here.


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
        raise NotImplementedError("UncommittedStore.__init__ is yours to write")

    async def main(self) -> None:
        """Tell every peer what was written here, until it says that it knows."""
        raise NotImplementedError("UncommittedStore.main is yours to write")

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        """Do a transaction at once, whoever of the peers can be reached. A crash leaves what was answered.

        If two transactions overwrite each other, all keys that both wrote have in the end, on all nodes,
        the value of the same one. Raises `MalformedRequest` for an operation that is neither a read nor a
        write, and then nothing of it is done.
        """
        raise NotImplementedError("UncommittedStore.txn is yours to write")

    @handler
    async def store(self, request: Store) -> StoreOk:
        """Take the writes of a peer: of two writes to a key, the one with the greater stamp stays."""
        raise NotImplementedError("UncommittedStore.store is yours to write")

    # your own methods
    # Your code here.


# Your code here.
