"""A counter that only grows, kept in seq-kv: a store in which reads may be old."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from gossip.services import KV
from labs.node import (
    CallTimeout,
    KeyDoesNotExist,
    Message,
    Node,
    PreconditionFailed,
    Request,
    handler,
)


@dataclass(frozen=True)
class AddOk(Message):
    """The addition is counted, and stays so whatever happens to this node."""


@dataclass(frozen=True)
class Add(Request[AddOk]):
    """Adds `delta`, which is not negative, to the counter."""

    delta: int


@dataclass(frozen=True)
class ReadOk(Message):
    """The value of the counter."""

    value: int


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    """Asks for the value of the counter."""


class Counter(Node):
    """One node of the counter. All that must survive a crash is in the store `seq-kv`.

    When nobody has added for a while, every node reads the same: the sum of all additions.
    """

    def __init__(self) -> None:
        # What this node counted has a key of its own, which nobody else changes.
        raise NotImplementedError("Counter.__init__ is yours to write")

    @handler
    async def add(self, request: Add) -> AddOk:
        """Count an addition; answer when it cannot be lost any more."""
        # Additions that come while one is being stored are stored together after it.
        raise NotImplementedError("Counter.add is yours to write")

    @handler
    async def read(self, request: Read) -> ReadOk:
        """The sum of the additions at all nodes, as fresh as the store has it."""
        # A change runs on the newest state, and then no later read of ours is older.
        raise NotImplementedError("Counter.read is yours to write")

    # Your code here.


# Your code here.
