"""The clients of a storage server: they ask until they are answered, and know what they do not know."""

import asyncio

from kv.messages import Get, Maybe, Put  # type: ignore[import-not-found]
from labs.node import CallTimeout, Node, PreconditionFailed, Unavailable

PATIENCE = 0.1  # seconds for an answer


class Clerk:
    """Asks the versioned key/value server named `server`."""

    def __init__(self, node: Node, server: str) -> None:
        self._node = node
        self._server = server

    async def get(self, key: str) -> tuple[str, int]:
        """The value and the version of `key`."""
        while True:
            try:
                reply = await self._node.call(self._server, Get(key), PATIENCE)
            except (CallTimeout, Unavailable):
                await asyncio.sleep(PATIENCE)
            else:
                return reply.value, reply.version

    async def put(self, key: str, value: str, version: int) -> None:
        """Store `value`. Raises `Maybe` if the version is wrong, and perhaps since the last asking."""
        unanswered = False
        while True:
            try:
                await self._node.call(self._server, Put(key, value, version), PATIENCE)
            except CallTimeout:
                unanswered = True
            except Unavailable:
                await asyncio.sleep(PATIENCE)
            except PreconditionFailed as error:
                if unanswered:
                    raise Maybe(f"{error}, or was before it was asked again") from None
                raise
            else:
                return
