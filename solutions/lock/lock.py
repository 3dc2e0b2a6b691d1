"""A lock that programs share through a versioned store, and through nothing else."""

import asyncio
from typing import Protocol
from uuid import uuid4

from kv.messages import Maybe
from labs.node import KeyDoesNotExist, PreconditionFailed


class Clerk(Protocol):
    """What a lock needs of a store; `kv/clerk.py` has it."""

    async def get(self, key: str) -> tuple[str, int]:
        """The value of a key and its version. Raises `KeyDoesNotExist`."""

    async def put(self, key: str, value: str, version: int) -> None:
        """Set a key to a value if its version is `version`; 0 creates it. It is done at most once.

        Raises `KeyDoesNotExist` if there is no such key and `version` is not 0, and
        `PreconditionFailed` if it has another version: then nothing was changed. Raises `Maybe` if
        the key had another version when the put was sent again: an earlier try may have been done.
        """


POLL = 0.02  # seconds between two looks at a lock that another holds

# BEGIN SOLUTION: What is stored under the name of a lock that is free, and of one that is held?
_FREE = ""

# END SOLUTION


class Lock:
    """The lock `name` as one program sees it: all that are made with this name exclude each other.

    Whoever holds it holds it until the release, also if it is dead: then nobody gets it any more.
    """

    def __init__(self, clerk: Clerk, name: str) -> None:
        # BEGIN SOLUTION: `uuid4` is a name that no other lock has, in this process or in another.
        self._clerk = clerk
        self._name = name
        self._me = uuid4().hex
        self._held = 0  # the version of the lock that is ours; 0 if none is
        # END SOLUTION

    async def acquire(self) -> None:
        """Wait until the lock is free, and hold it."""
        # BEGIN SOLUTION: Whatever a put says, the store knows who holds the lock.
        while True:
            holder, version = await self._look()
            if holder == self._me:
                self._held = version
                return
            if holder == _FREE:
                await self._write(self._me, version)
            else:
                await asyncio.sleep(POLL)
        # END SOLUTION

    async def release(self) -> None:
        """Let the lock go; does nothing if it is not held by this object."""
        # BEGIN SOLUTION: Who else writes while this lock is held?
        version, self._held = self._held, 0
        if version:
            # Nobody else puts this version: if it is gone, even by a Maybe, then by this very put.
            await self._write(_FREE, version)
        # END SOLUTION

    # BEGIN SOLUTION
    async def _look(self) -> tuple[str, int]:
        """Who holds the lock, and its version."""
        try:
            return await self._clerk.get(self._name)
        except KeyDoesNotExist:
            return _FREE, 0

    async def _write(self, holder: str, version: int) -> None:
        """Try to replace this version, and leave it to the next look to find out what came of it."""
        try:
            await self._clerk.put(self._name, holder, version)
        except (Maybe, PreconditionFailed):
            pass

    # END SOLUTION
