"""The test's own client: it sends requests into the network as any node does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from autograder.cluster import complaints
from autograder.cluster.errors import NodeFault
from autograder.cluster.trace import Message
from labs.node.errors import CallTimeout, RPCError
from labs.node.messages import UNREADABLE, decode_envelope, decode_error

if TYPE_CHECKING:
    from autograder.cluster.cluster import Cluster


decode_body = msgspec.json.Decoder(dict[str, Any]).decode


class Client:
    """Calls nodes with bodies as they are on the wire, and awaits their replies."""

    def __init__(self, cluster: Cluster, id: str = "test") -> None:
        self.id = id
        self._cluster = cluster
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._last = 0

    def asked(self) -> int:
        """How many requests it has made: the `msg_id` of the last."""
        return self._last

    async def call(self, dest: str, body: dict[str, Any], timeout: float) -> dict[str, Any]:
        """See `Cluster.call`."""
        self._last += 1
        msg_id = self._last
        reply: asyncio.Future[dict[str, Any]]
        reply = self._calls[msg_id] = asyncio.get_running_loop().create_future()
        line = msgspec.json.encode(
            {"src": self.id, "dest": dest, "body": {**body, "msg_id": msg_id}}
        )
        self._cluster.network.send(self._cluster.engine.now, self.id, msgspec.Raw(line))
        try:
            async with asyncio.timeout(timeout):
                return await reply
        except TimeoutError:
            raise CallTimeout(f"{dest} did not answer {body.get('type')!r}") from None
        finally:
            del self._calls[msg_id]

    def receive(self, message: Message) -> None:
        """Take a reply; one that nobody waits for is dropped."""
        reply = self._calls.get(message.in_reply_to or 0)
        if reply is None or reply.done():
            return
        try:
            reply.set_result(read_reply(message))
        except RPCError as error:
            reply.set_exception(error)


def read_reply(message: Message) -> dict[str, Any]:
    """The body of a reply; raises the `RPCError` that it is, and `NodeFault` for a malformed one."""
    try:
        envelope = decode_envelope(message.line)
        if message.type == "error":
            error = decode_error(envelope.body)
            raise RPCError.from_code(error.code, error.text)
        return decode_body(envelope.body)
    except UNREADABLE as error:
        raise NodeFault(message.src, complaints.misfit(message.type, message.line, error)) from None
