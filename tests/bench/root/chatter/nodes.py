"""The nodes whose steps, starts and memory are measured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, RPCError, handler

TEXT = "x" * 24  # makes a message of about a hundred bytes
PAUSE = 0.01  # virtual seconds at most between two calls of a chatterer


@dataclass(frozen=True)
class Pong(Message):
    """The reply to a ping."""

    number: int
    text: str


@dataclass(frozen=True)
class Ping(Request[Pong]):
    """A request that costs no work."""

    number: int
    text: str


class Ponger(Node):
    """Answers pings."""

    @handler
    async def ping(self, request: Ping) -> Pong:
        return Pong(request.number, request.text)


class Pinger(Node):
    """Pings `dest` so many times, says so, and stays."""

    def __init__(self, dest: str, times: int) -> None:
        self._dest = dest
        self._times = times

    async def main(self) -> None:
        for number in range(self._times):
            await self.call(self._dest, Ping(number, TEXT))
        print("done")
        await super().main()


class Chatterer(Ponger):
    """Answers pings, and for ever pings a peer drawn by chance, with a pause after each ping."""

    async def main(self) -> None:
        number = 0
        while True:
            number += 1
            try:
                await self.call(self.random.choice(self.peers), Ping(number, TEXT))
            except RPCError:
                pass  # a peer that has not started yet
            await asyncio.sleep(self.random.uniform(0, PAUSE))
