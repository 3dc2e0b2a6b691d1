"""One client of a stress run: it writes its keys, and recognises a failed write that had succeeded."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Mapping
from random import Random

import msgspec

from autograder.kv.stress.config import Client
from autograder.kv.stress.record import Entry, RecordingClerk
from labs.node import RPCError


class Fate(enum.Enum):
    """What a read says about a write that ended in Maybe."""

    RECOVERED = "had succeeded"
    NOT_DONE = "had not"
    UNCLEAR = "cannot be said"


def recognise(value: str, version: int, entry: Entry) -> Fate:
    """What became of a put of `value` at `version`, if a later read finds `entry`.

    This is sound only if no other put has the same value. A version is made by one put, and never comes
    back. So whoever made the one after `version` can be told by the value while it is there; when it
    is overwritten, by whomever, nothing can be said any more.
    """
    if entry == (value, version + 1):
        return Fate.RECOVERED
    return Fate.NOT_DONE if entry.version == version + 1 else Fate.UNCLEAR


class Tally(msgspec.Struct):
    """What became of one client's operations.

    `conflicts` are puts that were refused at once; `maybe` are those that may have been done, each of
    which is then `recovered`, `not_done` or `unclear`. `retries` are writes tried anew after that.
    """

    gets: int = 0
    puts: int = 0
    conflicts: int = 0
    maybe: int = 0
    recovered: int = 0
    not_done: int = 0
    unclear: int = 0
    retries: int = 0
    failed_gets: int = 0


def sum_of(tallies: Mapping[str, Tally]) -> Tally:
    """The tallies of several clients as one."""
    columns = zip(*map(msgspec.structs.astuple, tallies.values()), strict=True)
    return Tally(*map(sum, columns))


class StressClient:
    """Writes one of its keys after the other, until it is cancelled."""

    def __init__(self, config: Client, retries: int, clerk: RecordingClerk, chance: Random) -> None:
        self.tally = Tally()
        self._config = config
        self._retries = retries
        self._clerk = clerk
        self._chance = chance
        self._writes = 0

    async def live(self) -> None:
        """Write for ever."""
        while True:
            try:
                done = await self._write(self._chance.choice(self._config.keys))
            except RPCError:
                self.tally.failed_gets += 1
                done = False
            pause = self._config.success_sleep_ms if done else self._config.error_sleep_ms
            await asyncio.sleep(pause / 1_000)

    async def _write(self, key: str) -> bool:
        """Read a key and put a new value; whether that was done, after all retries."""
        for attempt in range(self._retries + 1):
            self.tally.retries += attempt > 0
            version = (await self._get(key)).version
            self._writes += 1
            value = f"{self._config.name} #{self._writes}"  # no other put's
            try:
                await self._clerk.put(key, value, version)
            except RPCError as error:
                if error.definite:
                    self.tally.conflicts += 1
                    return False
            else:
                self.tally.puts += 1
                return True
            if await self._recovers(key, value, version):
                return True
        return False

    async def _recovers(self, key: str, value: str, version: int) -> bool:
        """Whether a put that ended in Maybe is seen to have succeeded."""
        self.tally.maybe += 1
        fate = recognise(value, version, await self._get(key))
        self.tally.recovered += fate is Fate.RECOVERED
        self.tally.not_done += fate is Fate.NOT_DONE
        self.tally.unclear += fate is Fate.UNCLEAR
        return fate is Fate.RECOVERED

    async def _get(self, key: str) -> Entry:
        entry = await self._clerk.get(key)
        self.tally.gets += 1
        return entry
