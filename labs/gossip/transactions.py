"""Transactions on one node: each happens as a whole, one after the other, and for good."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from gossip.journal import Journal
from labs.node import MalformedRequest, Message, Node, Request, handler

Micro = tuple[str, int, Any]  # ("r", key, None), ("w", key, value) or ("append", key, value)


@dataclass(frozen=True)
class TxnOk(Message):
    """The transaction was done: its operations in their order, the reads with what they read."""

    txn: list[Micro]


@dataclass(frozen=True)
class Txn(Request[TxnOk]):
    """Asks to do operations as one transaction."""

    txn: list[Micro]


class TransactionStore(Node):
    """Keeps a value for each key, None at first: what was written last, or a list of what was appended."""

    def __init__(self) -> None:
        raise NotImplementedError("TransactionStore.__init__ is yours to write")

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        """Do a transaction, as if no other were there. A crash leaves what was answered.

        Raises `MalformedRequest` for an operation that is none of the three, and for an append to what is
        no list: then nothing was done.
        """
        # Nothing may be seen of a transaction that is refused, or not on the disk yet.
        raise NotImplementedError("TransactionStore.txn is yours to write")


# Your code here.
