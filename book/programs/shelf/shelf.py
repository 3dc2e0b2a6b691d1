"""A shelf with a card on it: how many pallets it holds. The docks count up what lorries bring."""

from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class ReadOk(Message):
    """What the card says."""

    number: int


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    """Asks what the card says."""


@dataclass(frozen=True)
class WriteOk(Message):
    """The card now says so."""


@dataclass(frozen=True)
class Write(Request[WriteOk]):
    """Asks to write a number on the card, whatever it says now."""

    number: int


class Shelf(Node):
    """Keeps the card."""

    def __init__(self) -> None:
        self.number = 0

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(self.number)

    @handler
    async def write(self, request: Write) -> WriteOk:
        self.number = request.number
        return WriteOk()


class Card:
    """The card, as a program far away sees it."""

    def __init__(self, node: Node, shelf: str) -> None:
        self.node, self.shelf = node, shelf

    async def read(self) -> int:
        return (await self.node.call(self.shelf, Read())).number

    async def write(self, number: int) -> None:
        await self.node.call(self.shelf, Write(number))


class Dock(Card):
    """Adds what a lorry brings to what the card says."""

    async def add(self, pallets: int) -> None:
        number = await self.read()
        await self.write(number + pallets)
