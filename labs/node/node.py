"""A node: one program of a distributed system, with handlers for the messages that it understands."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from random import Random
from typing import Any, TypeVar, cast

from labs.node.disk import Disk
from labs.node.handlers import claim
from labs.node.messages import Message, Request
from labs.node.wiring import Host, Wiring

ReplyT = TypeVar("ReplyT")
ResultT = TypeVar("ResultT")
NodeT = TypeVar("NodeT", bound="Node")


class Node:
    """Derive from it, write handlers, and override `main` if the node acts on its own.

        class Server(Node):
            def __init__(self) -> None:
                self.values: dict[str, str] = {}

            @handler
            async def get(self, request: Get) -> GetOk:
                return GetOk(self.values[request.key])

    Before a node's own `__init__` runs, it already has

    - `id`: its name, for example `"n1"`
    - `peers`: the names of the nodes that it may know of
    - `random`: a `random.Random` seeded by the host; use it for every choice by chance
    - `disk`: the files that a crash leaves (`labs.node.disk`)
    """

    id: str
    peers: tuple[str, ...]
    random: Random
    disk: Disk

    _wiring: Wiring  # all that the library keeps here, so that every other name is yours

    def __init_subclass__(cls) -> None:
        claim(cls)

    async def main(self) -> None:
        """What the node does on its own. When it returns, the node ends; this one never does."""
        await asyncio.get_running_loop().create_future()

    async def call(self, dest: str, body: Request[ReplyT], timeout: float = 1.0) -> ReplyT:
        """Send a request to `dest` and return its reply.

        Raises `CallTimeout` if none came within `timeout` seconds, which says nothing about whether
        the request was executed, and any other `RPCError` if the reply is that error.
        """
        return await self._wiring.call(dest, body, timeout)

    def send(self, dest: str, body: Message) -> None:
        """Send a message and expect nothing. It may get lost."""
        self._wiring.send(dest, body)

    def spawn(self, coroutine: Coroutine[Any, Any, ResultT]) -> asyncio.Task[ResultT]:
        """Run `coroutine` beside the rest. The node keeps it alive, and reports how it fails."""
        return self._wiring.spawn(coroutine)


def create(cls: type[NodeT], host: Host, options: Mapping[str, Any]) -> NodeT:
    """Make a node for `host`, which then runs its `main`; raises `Mistake` if the class is wrong."""
    node = cls.__new__(cls)
    node._wiring = Wiring(node, host)
    node.id, node.peers, node.random, node.disk = host.id, host.peers, host.random, host.disk
    cast(Any, node).__init__(**options)
    return node
