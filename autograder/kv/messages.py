"""The messages of a root's store, and how they are written in `wire/kv.proto`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Any, cast

from autograder.kv.wire import kv_pb2
from labs.node import Message, Mistake
from labs.node.hosts import load

SERVICE = "kv.KV"


@dataclass(frozen=True)
class Method:
    """One method of the service: its name there, and the classes on both sides."""

    name: str
    request: type[Message]
    reply: type[Message]
    wire_request: Any
    wire_reply: Any

    def write_request(self, request: Message) -> Any:
        """A root's request, written for the wire; raises `Mistake` if its fields do not fit."""
        return write(self.wire_request, request)

    def write_reply(self, reply: Message) -> Any:
        """A root's reply, written for the wire; raises `Mistake` if its fields do not fit."""
        return write(self.wire_reply, reply)

    def read_request(self, data: bytes) -> Message:
        """The root's request that came in; raises `DecodeError` if it is none."""
        return read(self.request, self.wire_request.FromString(data))

    def read_reply(self, wire: Any) -> Message:
        """The root's reply that came in."""
        return read(self.reply, wire)


def write(cls: Callable[..., Any], message: Message) -> Any:
    """A message of a root, as one of these of the wire."""
    try:
        return cls(**vars(message))
    except (TypeError, ValueError) as error:
        raise Mistake(f"{message!r:.80} cannot be sent: {error}") from None


def read(cls: type[Message], wire: Any) -> Message:
    """A message of the wire, as one of these of a root."""
    return cls(**{field.name: getattr(wire, field.name) for field in fields(cast(Any, cls))})


def methods_of(messages: ModuleType) -> tuple[Method, Method]:
    """The methods of the service with the messages of a root."""
    return (
        Method("Get", messages.Get, messages.GetOk, kv_pb2.GetRequest, kv_pb2.GetReply),
        Method("Put", messages.Put, messages.PutOk, kv_pb2.PutRequest, kv_pb2.PutReply),
    )


def load_methods() -> tuple[Method, Method]:
    """The methods with the messages of the root that is prepared (`labs.node.hosts.load`)."""
    return methods_of(load.import_file("kv/messages.py"))
