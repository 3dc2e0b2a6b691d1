"""The clerk of the versioned store: what a program calls that wants something of it."""

from kv.messages import Get, Maybe, Put
from labs.node import CallTimeout, KeyDoesNotExist, Node, PreconditionFailed, RPCError

FIRST_TIMEOUT = 0.1  # seconds after which a request or its reply counts as lost
LONGEST_TIMEOUT = 1.6  # seconds: each try waits twice as long as the one before, up to this

# BEGIN SOLUTION


def _longer(timeout: float) -> float:
    """What the next try waits: more, in case the server is not silent but slow."""
    return min(2 * timeout, LONGEST_TIMEOUT)


# END SOLUTION


class Clerk:
    """Calls `server` for `node`, again and again until it is answered."""

    def __init__(self, node: Node, server: str) -> None:
        # BEGIN SOLUTION
        self._node = node
        self._server = server
        # END SOLUTION

    async def get(self, key: str) -> tuple[str, int]:
        """The value of a key and its version. Raises `KeyDoesNotExist`."""
        # BEGIN SOLUTION: A get that is done twice harms nothing.
        timeout = FIRST_TIMEOUT
        while True:
            try:
                entry = await self._node.call(self._server, Get(key), timeout)
                return entry.value, entry.version
            except CallTimeout:
                timeout = _longer(timeout)
        # END SOLUTION

    async def put(self, key: str, value: str, version: int) -> None:
        """Set a key to a value if its version is `version`; 0 creates it. It is done at most once.

        Raises `KeyDoesNotExist` if there is no such key and `version` is not 0, and
        `PreconditionFailed` if it has another version: then nothing was changed. Raises `Maybe` if
        it was refused after an earlier try had no answer: that one may have been done. Any other
        definite error of a later try, as that of a full disk, becomes an indefinite one.
        """
        # BEGIN SOLUTION: Which answers still say what they say at the first try?
        request = Put(key, value, version)
        timeout, retried = FIRST_TIMEOUT, False
        while True:
            try:
                await self._node.call(self._server, request, timeout)
                return
            except CallTimeout:
                timeout, retried = _longer(timeout), True
            except (KeyDoesNotExist, PreconditionFailed) as refusal:
                # It speaks of this try alone. An earlier one may have been done, or be under way.
                if retried:
                    raise Maybe(f"refused when it was sent again: {refusal}") from None
                raise
            except RPCError as failure:
                if (
                    retried and failure.definite
                ):  # No Maybe: that says that the version was refused.
                    raise RPCError(f"failed when it was sent again: {failure}") from None
                raise
        # END SOLUTION
