"""A node: one program of a distributed system, with handlers for the messages that it understands."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from random import Random
from typing import Any, NamedTuple, Protocol, TypeVar, cast

import msgspec

from labs.node import messages
from labs.node.disk import Disk
from labs.node.errors import CallTimeout, Crashed, MalformedRequest, Mistake, NotSupported, RPCError
from labs.node.handlers import Handler, claim, handlers_of, where
from labs.node.messages import Envelope, Header, Message, Request

ReplyT = TypeVar("ReplyT")
ResultT = TypeVar("ResultT")
NodeT = TypeVar("NodeT", bound="Node")


class Host(Protocol):
    """What runs a node and carries its messages: a cluster, a thread, a TCP socket, standard input."""

    id: str
    peers: tuple[str, ...]
    random: Random
    disk: Disk

    def transmit(self, line: bytes) -> None:
        """Send one message, a line of JSON. It may get lost."""

    def report(self, problem: BaseException) -> None:
        """Take note that the program did something wrong."""


class Call(NamedTuple):
    """A request that waits for its reply."""

    reply: asyncio.Future[Any]
    request: type[Request[Any]]


class Node:
    """Derive from it, write handlers, and override `main` if the node acts on its own.

    Before a node's own `__init__` runs, it already has

    - `id`: its name, for example `"n1"`
    - `peers`: the names of the nodes that it may know of
    - `random`: a `random.Random` seeded by the host; use it for every choice by chance
    - `disk`: the files that a crash leaves (`labs.node.disk`)
    """

    id: str
    peers: tuple[str, ...]
    random: Random
    disk: Disk

    _host: Host
    _handlers: dict[str, Handler]
    _calls: dict[int, Call]
    _tasks: set[asyncio.Task[Any]]
    _last_msg_id: int

    def __init_subclass__(cls) -> None:
        claim(cls)

    async def main(self) -> None:
        """What the node does on its own. When it returns, the node ends; this one never does."""
        await asyncio.get_running_loop().create_future()

    async def call(self, dest: str, body: Request[ReplyT], timeout: float = 1.0) -> ReplyT:
        """Send a request to `dest` and return its reply.

        Raises `CallTimeout` if none came within `timeout` seconds, which says nothing about whether
        the request was executed, and any other `RPCError` if the reply is that error.
        """
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[ReplyT] = loop.create_future()
        self._last_msg_id += 1
        msg_id = self._last_msg_id
        self._calls[msg_id] = Call(reply, type(body))
        timer = loop.call_later(timeout, expire, reply, dest, body, timeout)
        try:
            self._host.transmit(messages.encode(self.id, dest, body, msg_id=msg_id))
            return await reply
        finally:
            timer.cancel()
            del self._calls[msg_id]

    def send(self, dest: str, body: Message) -> None:
        """Send a message and expect nothing. It may get lost."""
        self._host.transmit(messages.encode(self.id, dest, body))

    def spawn(self, coroutine: Coroutine[Any, Any, ResultT]) -> asyncio.Task[ResultT]:
        """Run `coroutine` beside the rest. The node keeps it alive, and reports how it fails."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            self._host.report(problem)

    def _receive(self, line: bytes | msgspec.Raw) -> None:
        """Take a message from the host: a reply wakes its call, a request starts its handler."""
        envelope = messages.decode_envelope(line)
        header = messages.decode_header(envelope.body)
        if header.in_reply_to is not None:
            self._resolve(header.in_reply_to, header, envelope)
        else:
            self.spawn(self._serve(header, envelope))

    def _resolve(self, msg_id: int, header: Header, envelope: Envelope) -> None:
        """Wake the call that a reply answers. A reply that comes twice or late answers none."""
        call = self._calls.get(msg_id)
        if call is None or call.reply.done():
            return
        try:
            call.reply.set_result(decode_reply(call.request, header, envelope))
        except RPCError as error:
            call.reply.set_exception(error)

    async def _serve(self, header: Header, envelope: Envelope) -> None:
        """Run the handler of a request and send what it returns or raises."""
        try:
            reply = await self._handle(header, envelope)
        except RPCError as error:
            self._answer_error(envelope, header, error.code, error.text)
        except Exception as problem:
            self._answer_error(
                envelope, header, Crashed.code, f"{type(problem).__name__} in {self.id}"
            )
            self._host.report(problem)
        else:
            if reply is not None and header.msg_id is not None:
                line = messages.encode(self.id, envelope.src, reply, in_reply_to=header.msg_id)
                self._host.transmit(line)

    async def _handle(self, header: Header, envelope: Envelope) -> Message | None:
        """Call the handler for a message and check what it returns."""
        handler = self._handlers.get(header.type)
        if handler is None:
            raise NotSupported(f"{type(self).__name__} has no handler for '{header.type}'")
        try:
            request = messages.body_decoder(handler.request).decode(envelope.body)
        except msgspec.ValidationError as error:
            self._host.report(misfit(envelope.src, handler.request, error))
            raise MalformedRequest(f"{header.type}: {error}") from None
        reply: Message | None = await handler.function(self, request)
        if not isinstance(reply, handler.replies):
            raise wrong_reply(handler, reply)
        return reply

    def _answer_error(self, envelope: Envelope, header: Header, code: int, text: str) -> None:
        if header.msg_id is not None:
            line = messages.encode_error(self.id, envelope.src, code, text, header.msg_id)
            self._host.transmit(line)


def create(cls: type[NodeT], host: Host, options: Mapping[str, Any]) -> NodeT:
    """Make a node for `host`, which starts it with `run`; raises `Mistake` if the class is wrong."""
    node = cls.__new__(cls)
    node._handlers = handlers_of(cls)
    node._host = host
    node.id, node.peers, node.random, node.disk = host.id, host.peers, host.random, host.disk
    node._calls, node._tasks, node._last_msg_id = {}, set(), 0
    cast(Any, node).__init__(**options)
    return node


def expire(reply: asyncio.Future[Any], dest: str, body: Message, timeout: float) -> None:
    """End a call that got no reply in time."""
    if not reply.done():
        name = messages.type_name(type(body))
        reply.set_exception(CallTimeout(f"{dest} did not answer '{name}' within {timeout} s"))


def decode_reply(request: type[Request[Any]], header: Header, envelope: Envelope) -> Message:
    """The reply to a request of this type; raises the `RPCError` that it is, or that it does not fit."""
    if header.type == "error":
        error = messages.decode_error(envelope.body)
        raise RPCError.from_code(error.code, error.text)
    replies = messages.reply_types(request)
    if header.type not in replies:
        wanted = " or ".join(f"'{name}'" for name in replies)
        raise MalformedRequest(f"{envelope.src} answered '{header.type}', expected was {wanted}")
    try:
        return cast(Message, messages.body_decoder(replies[header.type]).decode(envelope.body))
    except msgspec.ValidationError as error:
        raise MalformedRequest(
            f"{envelope.src} answered a wrong '{header.type}': {error}"
        ) from None


def misfit(src: str, cls: type[Message], error: Exception) -> Mistake:
    """The report of a message whose fields do not fit its type."""
    return Mistake(f"{src} sent a {cls.__name__} that does not fit its type: {error}")


def wrong_reply(handler: Handler, reply: object) -> Mistake:
    """The report of a handler that returned what its request does not promise."""
    wanted = " or ".join("None" if r is type(None) else r.__name__ for r in handler.replies)
    return Mistake(
        f"{where(handler.function)}: the handler {handler.function.__name__} returned "
        f"{reply!r:.80}; its annotation promises {wanted}. Return that, or raise an RPCError"
    )
