"""The server of a root's store over gRPC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import grpc
from google.protobuf.message import DecodeError
from grpc import aio

from autograder.kv.home import Home, OwnThread, SharedLoop
from autograder.kv.loss import Dice, LossService, ServerLoss
from autograder.kv.messages import SERVICE, Method
from autograder.kv.root import Store
from autograder.kv.status import ERROR_CODE, status_of
from labs.node import (
    Crashed,
    Disk,
    MalformedRequest,
    Message,
    Mistake,
    Node,
    RPCError,
)
from labs.node.disk import FolderDisk
from labs.node.errors import where
from labs.node.handlers import handlers_of
from labs.node.hosts.control import FRAME_LIMIT
from labs.node.hosts.real import RealHost
from labs.node.messages import type_name
from labs.node.wiring import unhandled, wrong_reply

FAREWELL = 0.5  # seconds that calls under way get as the server ends
TEXT = 500  # characters of an error; with over 8 KiB of them gRPC would make it another error

OPTIONS = [
    ("grpc.max_receive_message_length", FRAME_LIMIT),
    ("grpc.max_send_message_length", FRAME_LIMIT),
    ("grpc.so_reuseport", 0),  # a port that is taken is to be an error
]


class SilentHost(RealHost):
    """The host of a node that calls nobody, but by gRPC. Its disk is `folder` itself."""

    def __init__(self, id: str, folder: Path = Path("disks"), seed: int | None = None) -> None:
        super().__init__(id, seed=seed)
        self.disk = Disk(FolderDisk(folder).perform, str(folder))

    def transmit(self, line: bytes) -> None:
        """Lose it: there is nobody to send it to."""


class Endpoint:
    """One method of the service, by the handler of a node."""

    def __init__(self, home: Home, host: RealHost, cls: type[Node], method: Method) -> None:
        self._home = home
        self._host = host
        self._cls = cls
        self._method = method
        self._name = type_name(method.request)
        self._handler = handlers_of(cls).get(self._name)

    async def serve(self, data: bytes, context: Any) -> Any:
        """The reply for the wire. A caller that gives up cuts no handler short."""
        answer = await self._home.do(partial(self._answer, data))
        if isinstance(answer, RPCError):
            metadata = ((ERROR_CODE, str(answer.code)),)
            await context.abort(status_of(answer), str(answer)[:TEXT], metadata)
        return answer

    async def _answer(self, data: bytes, node: Node) -> Any:
        """The reply for the wire, or the error that it is."""
        try:
            return self._write(await self._handle(self._read(data), node))
        except RPCError as error:
            return error
        except Exception as problem:
            self._host.report(problem)
            return Crashed(f"{type(problem).__name__} in {self._host.id}")

    def _read(self, data: bytes) -> Message:
        try:
            return self._method.read_request(data)
        except DecodeError as error:
            raise MalformedRequest(f"{self._method.name}: {error}") from None

    async def _handle(self, request: Message, node: Node) -> Message:
        """Call the handler; its reply."""
        if self._handler is None:
            raise unhandled(self._cls, self._name)
        reply = await self._handler.function(node, request)
        if not isinstance(reply, self._handler.replies):
            raise wrong_reply(self._handler, reply)
        return cast(Message, reply)

    def _write(self, reply: Message) -> Any:
        try:
            return self._method.write_reply(reply)
        except Mistake as mistake:
            raise Mistake(str(mistake), where(self._cls)) from None


class Server:
    """Serves a store at one address, and loses messages if it is given dice; `run` is its whole life."""

    def __init__(
        self, store: Store, methods: Sequence[Method], host: SilentHost, dice: Dice | None = None
    ) -> None:
        self.port: int | None = None  # until it listens
        self._store = store
        self._methods = methods
        self._host = host
        self._home: Home = OwnThread() if store.blocks else SharedLoop()
        self._server = aio.server(interceptors=[ServerLoss(dice)] if dice else (), options=OPTIONS)
        if dice:
            LossService(dice.losses).add_to(self._server)

    async def run(self, address: str, listening: Callable[[int], None]) -> None:
        """Serve until the node's `main` ends, or this is cancelled; `listening` is told the port.

        Raises what the making of the node and its `main` raise, and `OSError` if the address cannot
        be had.
        """
        await self._home.open(partial(self._store.make, self._host))
        try:
            self._add_endpoints()
            self.port = self._bind(address)
            await self._server.start()
            listening(self.port)
            await self._home.ended()
        finally:
            await self._server.stop(FAREWELL)
            await self._home.close(self._store.close)

    def _add_endpoints(self) -> None:
        cls = self._store.cls
        endpoints = {
            method.name: grpc.unary_unary_rpc_method_handler(
                Endpoint(self._home, self._host, cls, method).serve,
                response_serializer=method.wire_reply.SerializeToString,
            )
            for method in self._methods
        }
        handler = grpc.method_handlers_generic_handler(SERVICE, endpoints)
        self._server.add_generic_rpc_handlers([handler])

    def _bind(self, address: str) -> int:
        try:
            return self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}") from error
