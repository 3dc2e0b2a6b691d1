"""Transactions on lists: an append adds an element that no other has, and a read shows all of them."""

from __future__ import annotations

from typing import Literal

from autograder.gossip.protocol import Reply
from autograder.gossip.workloads.transactions import Transactions, rpc


class TxnOk(Reply, frozen=True):
    """The operations that were asked, in their order, with what the reads gave."""

    txn: list[tuple[Literal["r", "append"], int, list[int] | int | None]]


class TxnListAppend(Transactions):
    """See `Transactions`."""

    name = "txn-list-append"
    verb = "append"
    rpc = rpc(TxnOk, '[["r", 3, [1, 2]], ["append", 3, 5]]', "txn-list-append")
