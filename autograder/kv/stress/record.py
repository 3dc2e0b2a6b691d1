"""What clients ask and are answered: the history of a run."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import Any, NamedTuple, TypeVar

from autograder.checkers import History
from labs.node import KeyDoesNotExist, Mistake, RPCError
from labs.node.errors import where

ResultT = TypeVar("ResultT")


class Entry(NamedTuple):
    """A value and its version; version 0 stands for a key that is missing."""

    value: str
    version: int


MISSING = Entry("", 0)


class Record:
    """A history, and the one clock by which it is recorded: microseconds since the first operation."""

    def __init__(self) -> None:
        self.history = History()
        self._began: int | None = None

    def now(self) -> int:
        """The time, by the monotonic clock of this process."""
        now = time.monotonic_ns() // 1_000
        if self._began is None:
            self._began = now
        return now - self._began


class RecordingClerk:
    """A root's clerk; whatever it is asked goes on record, under the name of a client."""

    def __init__(self, name: str, clerk: Any, record: Record) -> None:
        self._name = name
        self._clerk = clerk
        self._record = record

    async def get(self, key: str) -> Entry:
        """What is stored under a key."""
        try:
            entry = await self._noted("get", (key,), self._clerk.get(key))
        except KeyDoesNotExist:
            return MISSING
        if not (isinstance(entry, tuple) and len(entry) == len(MISSING)):
            promise = "promises the value and the version, as a tuple"
            raise Mistake(f"get returned {entry!r:.80}, and {promise}", where(type(self._clerk)))
        return Entry(*entry)

    async def put(self, key: str, value: str, version: int) -> None:
        """Put as the clerk does, and raise what it raises."""
        await self._noted("put", (key, value, version), self._clerk.put(key, value, version))

    async def _noted(
        self, name: str, args: tuple[Any, ...], response: Awaitable[ResultT]
    ) -> ResultT:
        """The response, noted. A call that is cancelled never got one."""
        history, now = self._record.history, self._record.now
        number = history.begin(self._name, name, args, now())
        try:
            result = await response
        except RPCError as error:
            history.end(number, now(), error=error.code)
            raise
        history.end(number, now(), result=result)
        return result
