"""Transactions on several nodes, of which nobody reads what was refused or not yet done."""

from __future__ import annotations

import asyncio
from collections import ChainMap
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
        raise NotImplementedError("CommittedStore.__init__ is yours to write")

    async def main(self) -> None:
        """Tell every peer what was committed here, until it says that it knows."""
        raise NotImplementedError("CommittedStore.main is yours to write")

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        """Do a transaction at once, whoever of the peers can be reached. A crash leaves what was answered.

        It reads what it wrote itself, and else only what transactions left that were done. No circle of
        transactions has each read or overwrite what the one before it wrote. Raises `MalformedRequest` for
        an operation that is neither a read nor a write, and then nobody ever sees anything of it.
        """
        # Nothing may be seen of a transaction before all of it is done.
        raise NotImplementedError("CommittedStore.txn is yours to write")

    @handler
    async def apply(self, request: Apply) -> ApplyOk:
        """Take the transactions of a peer."""
        raise NotImplementedError("CommittedStore.apply is yours to write")

    # your own methods
    # Your code here.


# Your code here.
