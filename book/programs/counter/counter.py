"""A counter on a server, a client that gives up, and one that does not."""

from dataclasses import dataclass

from labs.node import CallTimeout, Message, Node, Request, handler


@dataclass(frozen=True)
class AddOk(Message):
    """What the counter stands at now."""

    total: int


@dataclass(frozen=True)
class Add(Request[AddOk]):
    """Asks to add a number to the counter."""

    number: int


@dataclass(frozen=True)
class Looked(Message):
    """What the counter stands at."""

    total: int


@dataclass(frozen=True)
class Look(Request[Looked]):
    """Asks what the counter stands at."""


class Counter(Node):
    """Adds whatever it is asked to add."""

    def __init__(self) -> None:
        self.total = 0

    @handler
    async def add(self, request: Add) -> AddOk:
        self.total += request.number
        return AddOk(self.total)

    @handler
    async def look(self, request: Look) -> Looked:
        return Looked(self.total)


class Once:
    """Asks once, and does not know what a silence means."""

    def __init__(self, node: Node, server: str, timeout: float = 0.1) -> None:
        self.node, self.server, self.timeout = node, server, timeout

    async def add(self, number: int) -> int:
        reply = await self.node.call(self.server, Add(number), self.timeout)
        return reply.total


class Again(Once):
    """Asks until it is answered."""

    async def add(self, number: int) -> int:
        while True:
            try:
                return await super().add(number)
            except CallTimeout:
                continue
