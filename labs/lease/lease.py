"""A lock that is held for a time, so that a holder that dies does not keep it for ever.

Nobody knows whether a holder is dead or slow. So a lease can be lost by one who does not notice, and
what it guards must refuse him: each holder gets a fencing token, higher than all before, shows it with
all that it does, and the resource refuses a token below the highest that it has seen.
(Gray and Cheriton, Leases, SOSP 1989; Burrows, The Chubby lock service, OSDI 2006, section 2.4.)
"""

import asyncio
from typing import Protocol
from uuid import uuid4

from kv.messages import Maybe
from labs.node import KeyDoesNotExist, PreconditionFailed


class Clerk(Protocol):
    """What a lease needs of a store; `kv/clerk.py` has it."""

    async def get(self, key: str) -> tuple[str, int]:
        """The value of a key and its version. Raises `KeyDoesNotExist`."""

    async def put(self, key: str, value: str, version: int) -> None:
        """Set a key to a value if its version is `version`; 0 creates it. It is done at most once.

        Raises `KeyDoesNotExist` if there is no such key and `version` is not 0, and
        `PreconditionFailed` if it has another version: then nothing was changed. Raises `Maybe` if
        the key had another version when the put was sent again: an earlier try may have been done.
        """


POLL = 0.05  # seconds between two looks at a lease that another holds

# What is stored, and which number grows from holder to holder?
# Your code here.


class Lease:
    """The lease `name` as one program sees it; whoever gets it has it for at least `seconds`."""

    def __init__(self, clerk: Clerk, name: str, seconds: float) -> None:
        raise NotImplementedError("Lease.__init__ is yours to write")

    async def acquire(self) -> int:
        """Wait until the lease is free or has run out, take it, and return its fencing token.

        A token is higher than all that were returned for this name before.
        """
        # A lease has run out when it was seen unchanged for its time.
        raise NotImplementedError("Lease.acquire is yours to write")

    async def release(self) -> None:
        """Let the lease go, if it is still held; does nothing if it is not, or is another's by now."""
        # What can a refusal mean, and does it matter?
        raise NotImplementedError("Lease.release is yours to write")

    # Your code here.
