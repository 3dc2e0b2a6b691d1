"""A node that is told bits and asked for them; it is copied to the root of an attack."""

from dataclasses import dataclass

from channel.bits import ask, tell

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class TellOk(Message):
    pass


@dataclass(frozen=True)
class Tell(Request[TellOk]):
    bit: int


@dataclass(frozen=True)
class AskOk(Message):
    bit: int


@dataclass(frozen=True)
class Ask(Request[AskOk]):
    pass


class Talker(Node):
    @handler
    async def tell(self, request: Tell) -> TellOk:
        tell(self, request.bit)
        return TellOk()

    @handler
    async def ask(self, request: Ask) -> AskOk:
        return AskOk(ask(self))
