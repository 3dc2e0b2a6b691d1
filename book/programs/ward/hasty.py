"""Transactions that are done operation by operation, while others are done, too."""

import asyncio
from dataclasses import dataclass
from typing import Any

from labs.node import Message, Node, Request, handler

Micro = tuple[str, int, Any]


@dataclass(frozen=True)
class TxnOk(Message):
    """The operations, and what the reads gave."""

    txn: list[Micro]


@dataclass(frozen=True)
class Txn(Request[TxnOk]):
    """Asks for operations on lists: `["r", key, null]` and `["append", key, value]`."""

    txn: list[Micro]


class Hasty(Node):
    """Fetches each list from a disk that is a millisecond away, and does what it is asked."""

    def __init__(self) -> None:
        self.lists: dict[int, list[Any]] = {}

    @handler
    async def txn(self, request: Txn) -> TxnOk:
        done: list[Micro] = []
        for verb, key, value in request.txn:
            await asyncio.sleep(0.001)
            kept = self.lists.setdefault(key, [])
            if verb == "append":
                kept.append(value)
            done.append((verb, key, value if verb == "append" else list(kept)))
        return TxnOk(done)
