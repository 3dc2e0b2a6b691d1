"""The last seat of a train, and a customer that looks before it takes."""

from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class Holder(Message):
    """Who has the seat; nobody, if it is empty."""

    name: str


@dataclass(frozen=True)
class Look(Request[Holder]):
    """Asks who has the seat."""


@dataclass(frozen=True)
class Take(Request[Holder]):
    """Gives the seat to somebody."""

    name: str


class Seat(Node):
    """Does what it is asked to."""

    def __init__(self) -> None:
        self.name = ""

    @handler
    async def look(self, request: Look) -> Holder:
        return Holder(self.name)

    @handler
    async def take(self, request: Take) -> Holder:
        self.name = request.name
        return Holder(self.name)


class Customer:
    """Takes the seat, unless somebody has it."""

    def __init__(self, node: Node, server: str) -> None:
        self.node, self.server = node, server

    async def book(self, name: str) -> bool:
        holder = await self.node.call(self.server, Look())
        if holder.name:
            return False
        await self.node.call(self.server, Take(name))
        return True
