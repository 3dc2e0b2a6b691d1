"""Transactions on registers: a write sets a key to a value that no other write has."""

from __future__ import annotations

from typing import Literal

from autograder.gossip.protocol import Reply
from autograder.gossip.workloads.transactions import Transactions, rpc


class TxnOk(Reply, frozen=True):
    """The operations that were asked, in their order, with what the reads gave."""

    txn: list[tuple[Literal["r", "w"], int, int | None]]


class TxnRwRegister(Transactions):
    """See `Transactions`."""

    name = "txn-rw-register"
    verb = "w"
    rpc = rpc(TxnOk, '[["r", 3, 1], ["w", 3, 5]]', "txn-rw-register")
