"""A client of a store over gRPC: a node whose calls are gRPC's, for a clerk to run on unchanged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar, cast

from grpc import aio

from autograder.kv.messages import Method
from autograder.kv.status import error_of
from autograder.kv.wire import generated
from labs.node import CallTimeout, Mistake, Node, Request
from labs.node.hosts.control import FRAME_LIMIT
from labs.node.messages import name_of

ReplyT = TypeVar("ReplyT")

OPTIONS = [
    ("grpc.max_receive_message_length", FRAME_LIMIT),
    ("grpc.max_send_message_length", FRAME_LIMIT),
    ("grpc.enable_retries", 0),  # whether a request is sent again is the clerk's to know
]


class Bound(NamedTuple):
    """A method of the service, on one channel."""

    method: Method
    send: Any


class Caller(Node):
    """A node that calls one server, whatever the `dest`.

    Its calls promise what those of every node do: a reply, the error that the server answered, or
    `CallTimeout` after `timeout` seconds. A server that cannot be reached is one that does not answer.
    """

    def __init__(self, channel: aio.Channel, methods: Sequence[Method]) -> None:
        stub = generated.KVStub(channel)
        self._bound = {m.request: Bound(m, getattr(stub, m.name)) for m in methods}

    async def call(self, dest: str, body: Request[ReplyT], timeout: float = 1.0) -> ReplyT:
        """See `Node.call`."""
        bound = self._bound.get(type(body))
        if bound is None:
            raise Mistake(f"call({dest!r}, {body!r:.80}): kv.proto has no {name_of(type(body))}")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        request = bound.method.write_request(body)
        try:
            reply = await bound.send(request, timeout=timeout, wait_for_ready=True)
        except aio.AioRpcError as problem:
            error = error_of(problem)
            if isinstance(error, CallTimeout):
                await asyncio.sleep(deadline - loop.time())
            raise error from None
        return cast(ReplyT, bound.method.read_reply(reply))


def open_channel(address: str, interceptors: Sequence[Any] = ()) -> aio.Channel:
    """A channel to a server, to be closed; nothing is sent yet."""
    return aio.insecure_channel(address, OPTIONS, interceptors=interceptors)
