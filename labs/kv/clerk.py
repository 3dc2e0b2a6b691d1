"""The clerk of the versioned store: what a program calls that wants something of it."""

from kv.messages import Get, Maybe, Put
from labs.node import CallTimeout, KeyDoesNotExist, Node, PreconditionFailed, RPCError

FIRST_TIMEOUT = 0.1  # seconds after which a request or its reply counts as lost
LONGEST_TIMEOUT = 1.6  # seconds: each try waits twice as long as the one before, up to this

# Your code here.


class Clerk:
    """Calls `server` for `node`, again and again until it is answered."""

    def __init__(self, node: Node, server: str) -> None:
        raise NotImplementedError("Clerk.__init__ is yours to write")

    async def get(self, key: str) -> tuple[str, int]:
        """The value of a key and its version. Raises `KeyDoesNotExist`."""
        # A get that is done twice harms nothing.
        raise NotImplementedError("Clerk.get is yours to write")

    async def put(self, key: str, value: str, version: int) -> None:
        """Set a key to a value if its version is `version`; 0 creates it. It is done at most once.

        Raises `KeyDoesNotExist` if there is no such key and `version` is not 0, and
        `PreconditionFailed` if it has another version: then nothing was changed. Raises `Maybe` if
        it was refused after an earlier try had no answer: that one may have been done. Any other
        definite error of a later try, as that of a full disk, becomes an indefinite one.
        """
        # Which answers still say what they say at the first try?
        raise NotImplementedError("Clerk.put is yours to write")
