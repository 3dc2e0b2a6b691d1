"""A first try at the clerk: it asks once."""

from kv.messages import Get, Put
from labs.node import Node


class Clerk:
    """Asks, and lets every error through."""

    def __init__(self, node: Node, server: str) -> None:
        self.node, self.server = node, server

    async def get(self, key: str) -> tuple[str, int]:
        reply = await self.node.call(self.server, Get(key))
        return reply.value, reply.version

    async def put(self, key: str, value: str, version: int) -> None:
        await self.node.call(self.server, Put(key, value, version))
