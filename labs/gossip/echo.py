"""Echo: answer what you were told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class EchoOk(Message):
    """What was sent, unchanged."""

    echo: Any


@dataclass(frozen=True)
class Echo(Request[EchoOk]):
    """A client sends anything that JSON can say."""

    echo: Any


class EchoNode(Node):
    """Answers every message with itself."""

    @handler
    async def echo(self, request: Echo) -> EchoOk:
        """Give back what came."""
        raise NotImplementedError("EchoNode.echo is yours to write")
