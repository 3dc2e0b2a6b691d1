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

# What is stored under the name of a lock that is free, and of one that is held?
# Your code here.


class Lock:
    """The lock `name` as one program sees it: all that are made with this name exclude each other.

    Whoever holds it holds it until the release, also if it is dead: then nobody gets it any more.
    """

    def __init__(self, clerk: Clerk, name: str) -> None:
        # `uuid4` is a name that no other lock has, in this process or in another.
        raise NotImplementedError("Lock.__init__ is yours to write")

    async def acquire(self) -> None:
        """Wait until the lock is free, and hold it."""
        # Whatever a put says, the store knows who holds the lock.
        raise NotImplementedError("Lock.acquire is yours to write")

    async def release(self) -> None:
        """Let the lock go; does nothing if it is not held by this object."""
        # Who else writes while this lock is held?
        raise NotImplementedError("Lock.release is yours to write")

    # Your code here.
