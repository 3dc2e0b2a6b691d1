"""A first try at the server, with a mistake in it."""

import asyncio

from kv.messages import Get, GetOk, Put, PutOk
from labs.node import KeyDoesNotExist, Node, PreconditionFailed, handler


class KVServer(Node):
    """Looks at the version, writes to its log, and then keeps the value."""

    def __init__(self) -> None:
        self.entries: dict[str, GetOk] = {}

    @handler
    async def get(self, request: Get) -> GetOk:
        if request.key not in self.entries:
            raise KeyDoesNotExist(request.key)
        return self.entries[request.key]

    @handler
    async def put(self, request: Put) -> PutOk:
        entry = self.entries.get(request.key, GetOk("", 0))
        if entry.version != request.version:
            raise PreconditionFailed(f"{request.key!r} has version {entry.version}")
        await self.log(request)
        self.entries[request.key] = GetOk(request.value, entry.version + 1)
        return PutOk()

    async def log(self, request: Put) -> None:
        await asyncio.sleep(0.001)
