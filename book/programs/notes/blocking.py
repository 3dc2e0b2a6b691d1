"""A disk that takes its time, and what else the server is for meanwhile."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from labs.node import CallTimeout, Message, Node, Request, handler
from notes.notes import FILE, Notes, Save, Saved


@dataclass(frozen=True)
class Alive(Message):
    """The server lives."""


@dataclass(frozen=True)
class Ping(Request[Alive]):
    """Asks whether the server lives."""


class SlowDisk(Notes):
    """Waits 0.3 seconds for its disk, as happens on a bad day; it answers pings, too."""

    def store(self, data: bytes) -> None:
        time.sleep(0.3)
        with self.disk.open(FILE, "wb") as file:
            file.write(data)
            file.fsync()

    @handler
    async def ping(self, request: Ping) -> Alive:
        return Alive()


class Watcher:
    """Takes a server for dead that does not answer within a tenth of a second."""

    def __init__(self, node: Node, server: str) -> None:
        self.node, self.server = node, server

    async def check(self) -> str:
        try:
            await self.node.call(self.server, Ping(), timeout=0.1)
        except CallTimeout:
            return "dead"
        return "alive"


class InThread(SlowDisk):
    """Lets another thread wait for the disk: handlers go on at the `await`, also with the next save."""

    saves = 0

    @handler
    async def save(self, request: Save) -> Saved:
        text = f"{self.saves + 1}: {request.text}"
        await asyncio.to_thread(self.store, text.encode())
        self.saves, self.text = self.saves + 1, text
        return Saved()
