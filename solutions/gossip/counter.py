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
        # BEGIN SOLUTION: What this node counted has a key of its own, which nobody else changes.
        self._kv = KV(self, "seq-kv")
        self._storing = asyncio.Lock()
        self._asked = 0  # the sum of the additions of this life
        self._stored = 0  # the part of it that is in the store
        self._before = -1  # what former lives had stored; not known yet
        # END SOLUTION

    @handler
    async def add(self, request: Add) -> AddOk:
        """Count an addition; answer when it cannot be lost any more."""
        # BEGIN SOLUTION: Additions that come while one is being stored are stored together after it.
        self._asked += request.delta
        wanted = self._asked
        async with self._storing:
            while self._stored < wanted:
                await self._store(self._asked)
        return AddOk()
        # END SOLUTION

    @handler
    async def read(self, request: Read) -> ReadOk:
        """The sum of the additions at all nodes, as fresh as the store has it."""
        # BEGIN SOLUTION: A change runs on the newest state, and then no later read of ours is older.
        await self._kv.write(f"{self.id} reads", self.random.getrandbits(64))
        nodes = sorted({*self.peers, self.id})
        return ReadOk(sum(await asyncio.gather(*map(self._count_of, nodes))))
        # END SOLUTION

    # BEGIN SOLUTION
    async def _count_of(self, node: str) -> int:
        """What a node has stored."""
        try:
            count: int = await self._kv.read(node)
        except KeyDoesNotExist:
            return 0
        return count

    async def _store(self, asked: int) -> None:
        """Store the additions of this life up to the sum `asked`, or find out why that cannot be.

        Without an answer it may have been done, or may be done later. So it is a compare-and-set: it cannot
        be done twice, nor after one that came later. The same one is tried until its fate is known.
        """
        if self._before < 0:
            self._before = await _until_answered(lambda: self._count_of(self.id))
        old, new = self._before + self._stored, self._before + asked
        try:
            await _until_answered(lambda: self._kv.cas(self.id, old, new, create=True))
        except PreconditionFailed:
            found = await _until_answered(lambda: self._count_of(self.id))
            if found != new:  # a request of a former life came late
                self._before = found - self._stored
                return
        self._stored = asked

    # END SOLUTION


# BEGIN SOLUTION
_ResultT = TypeVar("_ResultT")


async def _until_answered(ask: Callable[[], Awaitable[_ResultT]]) -> _ResultT:
    """Ask until there is an answer."""
    while True:
        try:
            return await ask()
        except CallTimeout:
            continue


# END SOLUTION
