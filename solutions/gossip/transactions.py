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
        # BEGIN SOLUTION
        self._journal = Journal(self.disk)
        self._values: dict[int, Any] = {}
        for changed in self._journal.entries():
            self._values.update(changed)  # pairs of key and value
        # END SOLUTION

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        """Do a transaction, as if no other were there. A crash leaves what was answered.

        Raises `MalformedRequest` for an operation that is none of the three, and for an append to what is
        no list: then nothing was done.
        """
        # BEGIN SOLUTION: Nothing may be seen of a transaction that is refused, or not on the disk yet.
        changed: dict[int, Any] = {}
        values = ChainMap(changed, self._values)
        done = [_execute(values, micro) for micro in request.txn]
        if changed:
            self._journal.add(list(changed.items()))
        self._values.update(changed)
        return TxnOk(done)
        # END SOLUTION


# BEGIN SOLUTION
def _execute(values: MutableMapping[int, Any], micro: Micro) -> Micro:
    """Do one operation, and give it as it stands in the reply."""
    verb, key, value = micro
    if verb == "r":
        return verb, key, values.get(key)
    if verb == "w":
        values[key] = value
    elif verb == "append" and isinstance(before := values.get(key, []), list):
        values[key] = [*before, value]
    else:
        raise MalformedRequest(f"{verb!r:.80} cannot be done to {key}")
    return micro


# END SOLUTION
