"""A client that asks around: what the golden trace shows of sessions."""

import time

from rumour.node import Tell  # type: ignore[import-not-found]

from labs.node import Node, RPCError


class Asker:
    """Tells a node a rumour, and returns how many it has heard."""

    def __init__(self, node: Node, dest: str) -> None:
        self._node = node
        self._dest = dest

    async def ask(self, rumour: int) -> tuple[int, int]:
        for _ in range(20):
            try:
                reply = await self._node.call(self._dest, Tell(rumour, 0.5), timeout=0.1)
            except RPCError:
                continue
            return len(reply.rumours), round(time.time())
        raise RPCError("nobody answers", 1000)
