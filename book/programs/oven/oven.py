"""An oven that several cooks use, and a cook."""

import asyncio
import time
from dataclasses import dataclass

from labs.node import Message, Node, PreconditionFailed, Request, handler


@dataclass(frozen=True)
class Baked(Message):
    """The bread is done."""

    loaves: int


@dataclass(frozen=True)
class Bake(Request[Baked]):
    """Asks to bake for some minutes."""

    minutes: float


class Oven(Node):
    """Bakes whatever it is given, each for its time."""

    def __init__(self, hottest: float = 90) -> None:
        self.hottest = hottest  # minutes that a loaf stands
        self.loaves = 0

    @handler
    async def bake(self, request: Bake) -> Baked:
        if request.minutes > self.hottest:
            raise PreconditionFailed(f"nothing bakes for {request.minutes:g} minutes here")
        await asyncio.sleep(60 * request.minutes)
        self.loaves += 1
        return Baked(self.loaves)


class HeldUpOven(Oven):
    """The same, with the sleep of threads and scripts."""

    @handler
    async def bake(self, request: Bake) -> Baked:
        time.sleep(60 * request.minutes)  # noqa: ASYNC251 - the mistake that is shown
        self.loaves += 1
        return Baked(self.loaves)


class Cook:
    """A client: asks the oven, and waits for two hours at most."""

    def __init__(self, node: Node, oven: str) -> None:
        self.node, self.oven = node, oven

    async def bake(self, minutes: float) -> int:
        baked = await self.node.call(self.oven, Bake(minutes), timeout=7200)
        return baked.loaves
