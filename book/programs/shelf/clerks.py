"""Two clerks of a versioned store that know too much."""

from contextlib import suppress

from kv.messages import Get, Put
from labs.node import CallTimeout, Node, PreconditionFailed


class Denying:
    """Asks until it is answered, and believes the answer."""

    def __init__(self, node: Node, server: str) -> None:
        self.node, self.server = node, server

    async def get(self, key: str) -> tuple[str, int]:
        while True:
            with suppress(CallTimeout):
                found = await self.node.call(self.server, Get(key), timeout=0.01)
                return found.value, found.version

    async def put(self, key: str, value: str, version: int) -> None:
        while True:
            with suppress(CallTimeout):
                return await self.put_once(key, value, version)

    async def put_once(self, key: str, value: str, version: int) -> None:
        await self.node.call(self.server, Put(key, value, version), timeout=0.01)


class Claiming(Denying):
    """If a version is gone when it asks again, it must have been its own first try that took it."""

    async def put(self, key: str, value: str, version: int) -> None:
        try:
            await self.put_once(key, value, version)
        except CallTimeout:
            with suppress(PreconditionFailed):
                await super().put(key, value, version)
