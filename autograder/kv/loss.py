"""Lost messages, by gRPC's interceptors: on the side of the server and on that of a client.

    server   a request is lost before the handler sees it, or a reply after the handler has done its work
    client   a request is lost before it is sent, or a reply after it has come

A lost message is silence. The caller learns of it as on any network: by its deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import grpc
from grpc import StatusCode, aio

from autograder.kv.messages import SERVICE
from autograder.kv.status import SILENCE
from autograder.kv.wire import generated, kv_pb2


@dataclass
class Losses:
    """How many messages were lost so far."""

    requests: int = 0
    replies: int = 0


class Dice:
    """Loses each message with a probability of `percent`; the seed fixes which."""

    def __init__(self, percent: float, seed: object) -> None:
        self.losses = Losses()
        self._share = percent / 100
        self._random = Random(str(seed))

    def loses(self) -> bool:
        """Whether the next message gets lost."""
        return self._random.random() < self._share


class ServerLoss(aio.ServerInterceptor):  # type: ignore[type-arg]
    """Loses messages on the side of the server."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: Any
    ) -> Any:
        """See `grpc.aio.ServerInterceptor`."""
        handler = await continuation(details)
        if handler is None or not details.method.startswith(f"/{SERVICE}/"):
            return handler
        return grpc.unary_unary_rpc_method_handler(
            partial(self._serve, handler.unary_unary),
            handler.request_deserializer,
            handler.response_serializer,
        )

    async def _serve(self, serve: Callable[..., Awaitable[Any]], request: Any, context: Any) -> Any:
        """Serve a call, or lose one of its messages."""
        if self._dice.loses():
            self._dice.losses.requests += 1
            await silence()
        if not self._dice.loses():
            return await serve(request, context)
        muted = Muted()
        await muted.listen(serve(request, muted))
        self._dice.losses.replies += 1
        return await silence()


class Muted:
    """Stands in for the context of a call whose reply gets lost, though it be an error."""

    async def listen(self, reply: Awaitable[Any]) -> None:
        """Wait for a reply, of either kind."""
        try:
            await reply
        except Unheard:
            pass

    async def abort(self, *_: Any) -> None:
        """End the call; the client does not hear of it."""
        raise Unheard


class Unheard(Exception):
    """A reply that is an error, and is lost."""


async def silence() -> None:
    """Say nothing until the caller gives up, which ends this."""
    await asyncio.get_running_loop().create_future()


class LossService:
    """Tells how many messages its server has lost."""

    def __init__(self, losses: Losses) -> None:
        self._losses = losses

    async def Count(self, request: Any, context: Any) -> Any:  # noqa: N802 - the name in kv.proto
        """See `Loss.Count` in `wire/kv.proto`."""
        return kv_pb2.CountReply(requests=self._losses.requests, replies=self._losses.replies)

    def add_to(self, server: aio.Server) -> None:
        """Let a server offer it."""
        generated.add_LossServicer_to_server(self, server)


class ClientLoss(aio.UnaryUnaryClientInterceptor):  # type: ignore[type-arg]
    """Loses messages on the side of a client."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    async def intercept_unary_unary(
        self, continuation: Callable[..., Awaitable[Any]], details: Any, request: Any
    ) -> Any:
        """See `grpc.aio.UnaryUnaryClientInterceptor`."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        if self._dice.loses():
            self._dice.losses.requests += 1
        else:
            call = await continuation(details, request)
            if not self._dice.loses() or await call.code() in SILENCE:  # where no reply came
                return call
            self._dice.losses.replies += 1
        if details.timeout is None:
            await silence()
        await asyncio.sleep(began + details.timeout - loop.time())
        raise silent("lost on purpose")


def silent(text: str) -> aio.AioRpcError:
    """The error of a call that got no answer in time."""
    nothing = aio.Metadata()
    return aio.AioRpcError(StatusCode.DEADLINE_EXCEEDED, nothing, nothing, text, "")
