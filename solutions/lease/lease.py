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

# BEGIN SOLUTION: What is stored, and which number grows from holder to holder?
_FREE = ""


def _now() -> float:
    """This node's own time in seconds, which nobody sets; it is compared with nobody else's."""
    return asyncio.get_running_loop().time()


# END SOLUTION


class Lease:
    """The lease `name` as one program sees it; whoever gets it has it for at least `seconds`."""

    def __init__(self, clerk: Clerk, name: str, seconds: float) -> None:
        # BEGIN SOLUTION
        self._clerk = clerk
        self._name = name
        self._seconds = seconds
        self._token = 0  # of the last lease that was got here, and not released; 0 if there is none
        # END SOLUTION

    async def acquire(self) -> int:
        """Wait until the lease is free or has run out, take it, and return its fencing token.

        A token is higher than all that were returned for this name before.
        """
        # BEGIN SOLUTION: A lease has run out when it was seen unchanged for its time.
        me = uuid4().hex  # of this hold alone: one that was lost is not ours any more
        seen, since = -1, 0.0
        while True:
            holder, version = await self._look()
            if holder == me:
                self._token = version
                return version
            if version != seen:
                seen, since = version, _now()
            if holder == _FREE or _now() >= since + self._seconds:
                await self._write(me, version)
            else:
                await asyncio.sleep(POLL)
        # END SOLUTION

    async def release(self) -> None:
        """Let the lease go, if it is still held; does nothing if it is not, or is another's by now."""
        # BEGIN SOLUTION: What can a refusal mean, and does it matter?
        version, self._token = self._token, 0
        if version:
            # If this version is gone then by this very put, or because another has the lease.
            await self._write(_FREE, version)
        # END SOLUTION

    # BEGIN SOLUTION
    async def _look(self) -> tuple[str, int]:
        """Who holds the lease, and its version."""
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
