"""A rumour that spreads: uses every primitive of the node library once, for the golden trace."""

import asyncio
from dataclasses import dataclass

from labs.node import CallTimeout, Message, Node, Request, RPCError, Unavailable, handler


@dataclass(frozen=True)
class Heard(Message):
    rumours: list[int]


@dataclass(frozen=True)
class Tell(Request[Heard]):
    rumour: int
    share: float


@dataclass(frozen=True)
class Whisper(Message):
    rumour: int


class Gossip(Node):
    """Keeps rumours on its disk, tells a random peer, and answers what it has heard."""

    def __init__(self, period: float) -> None:
        self._period = period
        self._heard: set[int] = set()
        if self.disk.exists("heard"):
            with self.disk.open("heard") as file:
                self._heard = {int(line) for line in file.read().split()}

    async def main(self) -> None:
        self.spawn(self._whisper())
        while True:
            await asyncio.sleep(self._period * self.random.random())
            try:
                await self._tell(self.random.choice(self.peers))
            except CallTimeout:
                print("no answer")
            except RPCError as error:
                print(f"refused: {error}")

    async def _tell(self, peer: str) -> None:
        rumour = self.random.randrange(100)
        reply = await self.call(peer, Tell(rumour, self.random.uniform(0, 1)), timeout=0.05)
        for each in reply.rumours:
            self._note(each)

    async def _whisper(self) -> None:
        for number in range(20):
            await asyncio.sleep(0.1)
            self.send(self.random.choice(self.peers), Whisper(100 + number))

    @handler
    async def tell(self, request: Tell) -> Heard:
        if self.random.random() < 0.1:
            raise Unavailable("busy")
        await asyncio.sleep(request.share / 100)
        self._note(request.rumour)
        return Heard(sorted(self._heard))

    @handler
    async def whisper(self, request: Whisper) -> None:
        self._note(request.rumour)

    def _note(self, rumour: int) -> None:
        if rumour not in self._heard:
            self._heard.add(rumour)
            with self.disk.open("heard", "ab") as file:
                file.write(b"%d\n" % rumour)
                file.fsync()
