"""A node that says what its clocks show."""

import asyncio
from dataclasses import dataclass
from datetime import date

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class Shown(Message):
    """The seconds of a node's own timers, and its calendar."""

    seconds: float
    day: str


@dataclass(frozen=True)
class Look(Request[Shown]):
    """Asks a node to look at its clocks."""


class Clocks(Node):
    """Looks when it is asked."""

    @handler
    async def look(self, request: Look) -> Shown:
        return Shown(asyncio.get_running_loop().time(), str(date.today()))
