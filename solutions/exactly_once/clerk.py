"""The clerk: asks the server until it has an answer."""

# BEGIN SOLUTION
from typing import TypeVar

# END SOLUTION
from exactly_once.messages import Append, Get, Put
from labs.node import CallTimeout, Node, Request

CALL_TIMEOUT = 0.1  # seconds after which a request or its answer counts as lost

# BEGIN SOLUTION
_ReplyT = TypeVar("_ReplyT")
# END SOLUTION


class Clerk:
    """A client of `server`, which sends its messages through `node`. It does one thing at a time.

    What it asks for is done exactly once. It asks until it is answered, for ever if need be.
    """

    def __init__(self, node: Node, server: str) -> None:
        # BEGIN SOLUTION: Other clerks may share this node, and others live on other nodes.
        self._node = node
        self._server = server
        # By chance: neither the node nor a counter tells apart two lives of one process.
        self._name = f"{node.id}-{node.random.getrandbits(64):016x}"
        self._number = 0
        # END SOLUTION

    async def get(self, key: str) -> str:
        """The value of a key; empty if there is no such key."""
        # BEGIN SOLUTION
        reply = await self._ask(Get(key, self._name, self._next_number()))
        return reply.value
        # END SOLUTION

    async def put(self, key: str, value: str) -> None:
        """Set a key to a value."""
        # BEGIN SOLUTION
        await self._ask(Put(key, value, self._name, self._next_number()))
        # END SOLUTION

    async def append(self, key: str, value: str) -> str:
        """Put `value` behind the value of a key; the value that the key had before."""
        # BEGIN SOLUTION
        reply = await self._ask(Append(key, value, self._name, self._next_number()))
        return reply.old
        # END SOLUTION

    # BEGIN SOLUTION: A number for each operation, and a loop around `self._node.call`.
    def _next_number(self) -> int:
        """The number of the next operation; every try of it has the same."""
        self._number += 1
        return self._number

    async def _ask(self, request: Request[_ReplyT]) -> _ReplyT:
        """Send a request until it is answered."""
        while True:
            try:
                return await self._node.call(self._server, request, CALL_TIMEOUT)
            except CallTimeout:  # the request is lost, or the answer, or one of them is late
                continue

    # END SOLUTION
