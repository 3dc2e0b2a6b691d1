"""What is slow, and a caller that does not wait for it."""

import asyncio
from collections.abc import Awaitable
from threading import Event
from typing import Any

from grpc.aio import AioRpcError

from labs.node import Disk


async def ended(call: Awaitable[Any]) -> str:
    """The status code that a call ends with."""
    try:
        await call
    except AioRpcError as error:
        return error.code().name
    return "OK"


class SlowDisk:
    """A storage whose puts last until its disk is done."""

    done = Event()

    def __init__(self, disk: Disk) -> None:
        self.entries: dict[str, tuple[str, int]] = {}

    def get(self, key: str) -> tuple[str, int]:
        """What is stored; the disk need not be asked."""
        return self.entries[key]

    def put(self, key: str, value: str, version: int) -> None:
        """Wait for the disk, and store."""
        self.done.wait()
        self.entries[key] = (value, version + 1)

    def close(self) -> None:
        """See `Storage`."""


class Till:
    """Moves a coin from the left drawer to the right."""

    def __init__(self) -> None:
        self.left, self.right = 1, 0
        self.written = asyncio.Event()

    async def move(self, request: bytes, context: Any) -> bytes:
        """Move it, and write a line about that in between."""
        self.left -= 1
        await self.written.wait()  # the line goes to a log, which is slow today
        self.right += 1
        return b""


class WholeTill(Till):
    """The same; a caller that stops waiting for it stops nothing but the waiting."""

    async def move(self, request: bytes, context: Any) -> bytes:
        """Let a task move it, and wait for the task."""
        self.moving = asyncio.create_task(super().move(request, context))
        return await asyncio.shield(self.moving)
