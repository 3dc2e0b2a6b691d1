"""One price, kept twice: writes go to the first copy, reads may go to either."""

from __future__ import annotations

from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class Price(Message):
    """The price; None if nobody has set one."""

    price: int | None


@dataclass(frozen=True)
class Read(Request[Price]):
    """Asks for the price."""


@dataclass(frozen=True)
class Written(Message):
    """The price is set."""


@dataclass(frozen=True)
class Write(Request[Written]):
    """Asks to set the price."""

    price: int


@dataclass(frozen=True)
class Copy(Message):
    """What the second copy is told. It sends no answer."""

    price: int


class Second(Node):
    """Answers with the last price that it was told."""

    def __init__(self) -> None:
        self.price: int | None = None

    @handler
    async def read(self, request: Read) -> Price:
        return Price(self.price)

    @handler
    async def copy(self, message: Copy) -> None:
        self.price = message.price


class First(Second):
    """Takes the writes, and tells the second copy. It does not wait until that has heard."""

    def __init__(self, second: str) -> None:
        super().__init__()
        self.second = second

    @handler
    async def write(self, request: Write) -> Written:
        self.price = request.price
        self.send(self.second, Copy(request.price))
        return Written()


class Client:
    """Writes to one copy, and reads from one."""

    def __init__(self, node: Node, writes: str, reads: str) -> None:
        self.node, self.writes, self.reads = node, writes, reads

    async def write(self, price: int) -> None:
        await self.node.call(self.writes, Write(price))

    async def read(self) -> int | None:
        return (await self.node.call(self.reads, Read())).price
