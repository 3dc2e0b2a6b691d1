"""The clerk: asks the server until it has an answer."""

# Your imports here.
from exactly_once.messages import Append, Get, Put
from labs.node import CallTimeout, Node, Request

CALL_TIMEOUT = 0.1  # seconds after which a request or its answer counts as lost

# Your code here.


class Clerk:
    """A client of `server`, which sends its messages through `node`. It does one thing at a time.

    What it asks for is done exactly once. It asks until it is answered, for ever if need be.
    """

    def __init__(self, node: Node, server: str) -> None:
        # Other clerks may share this node, and others live on other nodes.
        raise NotImplementedError("Clerk.__init__ is yours to write")

    async def get(self, key: str) -> str:
        """The value of a key; empty if there is no such key."""
        raise NotImplementedError("Clerk.get is yours to write")

    async def put(self, key: str, value: str) -> None:
        """Set a key to a value."""
        raise NotImplementedError("Clerk.put is yours to write")

    async def append(self, key: str, value: str) -> str:
        """Put `value` behind the value of a key; the value that the key had before."""
        raise NotImplementedError("Clerk.append is yours to write")

    # A number for each operation, and a loop around `self._node.call`.
    # Your code here.
