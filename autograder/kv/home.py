"""Where the node of a service lives: in the event loop of its server, or in one of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from labs.node.hosts.real import live
from labs.node.node import Node

ResultT = TypeVar("ResultT")
Work = Callable[[Node], Coroutine[Any, Any, ResultT]]


class Home(Protocol):
    """A node that lives."""

    async def open(self, make: Callable[[], Node]) -> None:
        """Make the node and start its `main`; raises what `make` raises."""

    async def do(self, work: Work[ResultT]) -> ResultT:
        """Let the node do this to its end, even if the caller is cancelled meanwhile."""

    async def ended(self) -> None:
        """Return when the node's `main` does; raises what it raises."""

    async def close(self, last: Callable[[], None]) -> None:
        """End the node, and do this last."""


class SharedLoop:
    """A node in the running event loop: the fastest, as long as it never blocks."""

    def __init__(self) -> None:
        self._works: set[asyncio.Task[Any]] = set()

    async def open(self, make: Callable[[], Node]) -> None:
        self._node = make()
        self._life = asyncio.create_task(live(self._node))

    async def do(self, work: Work[ResultT]) -> ResultT:
        task = asyncio.create_task(work(self._node))
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        return await asyncio.shield(task)

    async def ended(self) -> None:
        await asyncio.shield(self._life)

    async def close(self, last: Callable[[], None]) -> None:
        left = [self._life, *self._works]
        for task in left:
            task.cancel()
        await asyncio.wait(left)
        last()


class OwnThread:
    """A node in an event loop and a thread of its own, as one whose storage blocks has to be.

    To the node nothing differs: its handlers run in one thread and one loop. Meanwhile the server's
    loop takes in requests, sends replies, and keeps time.
    """

    def __init__(self) -> None:
        self._home = SharedLoop()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="node", daemon=True)

    async def open(self, make: Callable[[], Node]) -> None:
        self._thread.start()
        try:
            await self._there(self._home.open(make))
        except BaseException:
            self._stop()
            raise

    async def do(self, work: Work[ResultT]) -> ResultT:
        return await self._there(self._home.do(work))

    async def ended(self) -> None:
        await self._there(self._home.ended())

    async def close(self, last: Callable[[], None]) -> None:
        await self._there(self._home.close(last))
        self._stop()

    async def _there(self, coroutine: Coroutine[Any, Any, ResultT]) -> ResultT:
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return await asyncio.shield(asyncio.wrap_future(future))

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
