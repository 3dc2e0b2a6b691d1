"""What connects a node to the rest: calls that wait for replies, and handlers for what comes in."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine
from random import Random
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from labs.node import messages
from labs.node.disk import Disk
from labs.node.errors import (
    CallTimeout,
    Crashed,
    MalformedRequest,
    Mistake,
    NotSupported,
    RPCError,
    where,
)
from labs.node.handlers import Handler, handlers_of
from labs.node.messages import Envelope, Header, Message, Request, name_of

ReplyT = TypeVar("ReplyT")
ResultT = TypeVar("ResultT")


class Host(Protocol):
    """What runs a node and carries its messages: a cluster, a thread, a TCP socket, standard input."""

    id: str
    peers: tuple[str, ...]
    random: Random
    disk: Disk
    last_msg_id: int  # the ids of this life's calls follow it

    def transmit(self, line: bytes) -> None:
        """Send one message, a line of JSON. It may get lost."""

    def report(self, problem: BaseException) -> None:
        """Tell the student what went wrong: an `RPCError` as an advice, anything else as a fault."""


class Call(NamedTuple):
    """A request that waits for its reply."""

    reply: asyncio.Future[Any]
    request: type[Request[Any]]


class Wiring:
    """One node's messages: those that it sends, and those that come in."""

    def __init__(self, node: object, host: Host) -> None:
        self._node = node
        self.host = host
        self._handlers = handlers_of(type(node))
        self._calls: dict[int, Call] = {}
        self._last_msg_id = host.last_msg_id
        self.tasks: set[asyncio.Task[Any]] = set()

    # ---- what goes out ---------------------------------------------------------------------------

    async def call(self, dest: str, body: Request[ReplyT], timeout: float) -> ReplyT:
        """See `Node.call`."""
        if not isinstance(body, Request):
            raise Mistake(f"call({dest!r}, {body!r:.80}) {remedy(body)}")
        if not 0 < timeout < math.inf:
            raise Mistake(f"call(..., timeout={timeout!r}): write the seconds to wait, more than 0")
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[ReplyT] = loop.create_future()
        self._last_msg_id = msg_id = self._last_msg_id + 1
        line = messages.encode(self.host.id, dest, body, msg_id=msg_id)
        timer = loop.call_later(timeout, expire, reply, dest, body, timeout)
        self._calls[msg_id] = Call(reply, type(body))
        try:
            self.host.transmit(line)
            return await reply
        finally:
            timer.cancel()
            del self._calls[msg_id]

    def send(self, dest: str, body: Message) -> None:
        """See `Node.send`."""
        self.host.transmit(messages.encode(self.host.id, dest, body))

    def spawn(self, coroutine: Coroutine[Any, Any, ResultT]) -> asyncio.Task[ResultT]:
        """See `Node.spawn`."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            self.host.report(problem)

    # ---- what comes in ---------------------------------------------------------------------------

    def receive(self, line: bytes | msgspec.Raw) -> None:
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
        """Run the handler of a message, and answer with what it returns or raises."""
        try:
            reply = await self._handle(header, envelope)
        except RPCError as error:
            reply = self._error(header, envelope, error)
        except Exception as problem:
            self.host.report(problem)
            crashed = Crashed(f"{type(problem).__name__} in {self.host.id}")
            reply = self._error(header, envelope, crashed)
        if header.msg_id is not None and reply is not None:
            self.host.transmit(reply)

    async def _handle(self, header: Header, envelope: Envelope) -> bytes | None:
        """Call the handler for a message; the line of its reply, if it has one."""
        handler = self._handlers.get(header.type)
        if handler is None:
            raise self._advise(unhandled(type(self._node), header.type))
        try:
            request = handler.form.decode(envelope.body)
        except messages.UNREADABLE as error:
            raise self._advise(misfit(envelope.src, handler.form.name, error)) from None
        reply: Message | None = await handler.function(self._node, request)
        if not isinstance(reply, handler.replies):
            raise wrong_reply(handler, reply)
        if reply is None or header.msg_id is None:
            return None
        try:
            return messages.encode(self.host.id, envelope.src, reply, in_reply_to=header.msg_id)
        except Mistake as mistake:
            raise Mistake(str(mistake), where(handler.function)) from None

    def _advise(self, error: RPCError) -> RPCError:
        self.host.report(error)
        return error

    def _error(self, header: Header, envelope: Envelope, error: RPCError) -> bytes | None:
        """The line of a reply that is an error."""
        if header.msg_id is None:
            return None
        return messages.encode_error(
            self.host.id, envelope.src, error.code, error.text, header.msg_id
        )


def expire(reply: asyncio.Future[Any], dest: str, body: Message, timeout: float) -> None:
    """End a call that got no reply in time."""
    if not reply.done():
        name = messages.type_name(type(body))
        reply.set_exception(CallTimeout(f"{dest} did not answer '{name}' within {timeout:g} s"))


def decode_reply(request: type[Request[Any]], header: Header, envelope: Envelope) -> Message:
    """The reply to such a request; raises the `RPCError` that it is, or that it does not fit."""
    try:
        if header.type == "error":
            error = messages.decode_error(envelope.body)
            raise RPCError.from_code(error.code, error.text)
        forms = messages.replies_of(request)
        if header.type in forms:
            reply: Message = forms[header.type].decode(envelope.body)
            return reply
    except messages.UNREADABLE as problem:
        raise misfit(envelope.src, header.type, problem) from None
    wanted = " or ".join(f"'{name}'" for name in forms)
    raise MalformedRequest(f"{envelope.src} answered '{header.type}', expected was {wanted}")


# ---- sentences -----------------------------------------------------------------------------------


def remedy(body: object) -> str:
    """What is wrong with calling a node with this body."""
    if isinstance(body, Message):
        return "expects no reply: use send, or derive the message from Request[TheReply]"
    if isinstance(body, type):
        return f"sends a class: write {name_of(body)}(...), with its fields"
    return "sends what is no message: derive its class from Request[TheReply]"


def misfit(src: str, name: str, error: Exception) -> MalformedRequest:
    """The error of a message whose fields do not fit its type."""
    return MalformedRequest(f"'{name}' from {src} does not fit its type: {error}")


def unhandled(cls: type, name: str) -> NotSupported:
    """The error of a message that has no handler."""
    return NotSupported(
        f"{cls.__name__} has no handler for '{name}': write @handler above an async def that takes it"
    )


def wrong_reply(handler: Handler, reply: object) -> Mistake:
    """The report of a handler that returned what its annotation does not promise."""
    wanted = " or ".join(
        "None" if each is type(None) else each.__name__ for each in handler.replies
    )
    return Mistake(
        f"the handler {handler.function.__name__} returned {reply!r:.80}, and promises {wanted}: "
        "return that, or raise an RPCError",
        where(handler.function),
    )
