"""What a lease guards: a resource that refuses a token below the highest that it has seen."""

from __future__ import annotations

from typing import Any

import msgspec

from autograder.cluster import Cluster
from autograder.cluster.trace import Message
from autograder.suites.lock.store import failure, send_reply
from labs.node import MalformedRequest, PreconditionFailed
from labs.node.messages import UNREADABLE, decode_envelope


class Use(msgspec.Struct, tag_field="type", tag="use"):
    """A use as it comes from the network."""

    name: str
    token: int


decode_use = msgspec.json.Decoder(Use).decode


class Resource:
    """Serves `use` requests; a real one would be a disk or a data base."""

    def __init__(self, cluster: Cluster, id: str = "resource") -> None:
        self.id = id
        self._cluster = cluster
        self._highest: dict[str, int] = {}
        cluster.attach(id, self._receive)

    def _receive(self, message: Message) -> None:
        send_reply(self._cluster, message, self._do(message))

    def _do(self, message: Message) -> dict[str, Any]:
        """The reply to a use."""
        try:
            use = decode_use(decode_envelope(message.line).body)
        except UNREADABLE as error:
            return failure(MalformedRequest.code, str(error))
        highest = self._highest.get(use.name, use.token)
        if use.token < highest:
            text = f"token {use.token} is below {highest}"
            return failure(PreconditionFailed.code, text)
        self._highest[use.name] = use.token
        return {"type": "used"}
