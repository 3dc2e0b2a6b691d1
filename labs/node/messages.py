"""Messages: frozen dataclasses in the program, one line of JSON on the wire.

    @dataclass(frozen=True)
    class GetOk(Message):
        value: str

    @dataclass(frozen=True)
    class Get(Request[GetOk]):          # a request names the type of its reply
        key: str

On the wire `Get("x")` sent by `c1` to `n1` is

    {"src":"c1","dest":"n1","body":{"type":"get","msg_id":1,"key":"x"}}

which is Maelstrom's protocol: `type` is the class name in snake_case, `msg_id` numbers a request, and
`in_reply_to` in a reply names the request that it answers.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from labs.node.errors import Mistake

ReplyT = TypeVar("ReplyT", covariant=True)
MessageT = TypeVar("MessageT", bound="Message")
RESERVED = frozenset({"type", "msg_id", "in_reply_to"})


class Message:
    """Base of everything that nodes exchange; on its own, a message that expects no reply."""


class Request(Message, Generic[ReplyT]):
    """A message that expects a reply: `Request[GetOk]`, or `Request[Task | Wait]` for one of several."""


class Header(msgspec.Struct):
    """The part of a body that every message has."""

    type: str
    msg_id: int | None = None
    in_reply_to: int | None = None


class Envelope(msgspec.Struct):
    """A message as it travels: who sent it, who gets it, and the body, not decoded yet."""

    src: str
    dest: str
    body: msgspec.Raw


class ErrorBody(msgspec.Struct):
    """The body of a reply of type `error`."""

    code: int
    text: str = ""


decode_envelope = msgspec.json.Decoder(Envelope).decode
decode_header = msgspec.json.Decoder(Header).decode
decode_error = msgspec.json.Decoder(ErrorBody).decode
encode_json = msgspec.json.Encoder().encode


@functools.cache
def type_name(cls: type) -> str:
    """The name on the wire: `GetOk` becomes `get_ok`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()


def encode(src: str, dest: str, body: Message, **numbers: int) -> bytes:
    """The line of JSON for a message; `numbers` are its `msg_id` or `in_reply_to`."""
    return encode_envelope(src, dest, encode_body(type_name(type(body)), body, numbers))


def encode_error(src: str, dest: str, code: int, text: str, in_reply_to: int) -> bytes:
    """The line of JSON for a reply that is an error."""
    body = encode_body("error", ErrorBody(code, text), {"in_reply_to": in_reply_to})
    return encode_envelope(src, dest, body)


def encode_body(name: str, body: object, numbers: dict[str, int]) -> bytes:
    """One JSON object: the header's fields in front, then those of `body`."""
    head = encode_json({"type": name, **numbers})
    fields = encode_json(body)
    return head if fields == b"{}" else head[:-1] + b"," + fields[1:]


def encode_envelope(src: str, dest: str, body: bytes) -> bytes:
    """Put `body` under its addresses."""
    return encode_json(Envelope(src, dest, msgspec.Raw(body)))


@functools.cache
def body_decoder(cls: type[Message]) -> msgspec.json.Decoder[Any]:
    """Decodes and checks the fields of `cls`; raises msgspec.ValidationError where they do not fit."""
    return msgspec.json.Decoder(cls)


@functools.cache
def reply_types(cls: type[Request[Any]]) -> dict[str, type[Message]]:
    """The replies that a request may get, by their name on the wire."""
    return {type_name(reply): reply for reply in members(declared_reply(cls))}


def declared_reply(cls: type[Request[Any]]) -> object:
    """What stands between the brackets of `Request[...]`."""
    for base in cls.__mro__:
        for generic in base.__dict__.get("__orig_bases__", ()):
            if typing.get_origin(generic) is Request:
                return typing.get_args(generic)[0]
    raise Mistake(f"{cls.__name__} must name its reply: class {cls.__name__}(Request[TheReply])")


def members(annotation: object) -> tuple[Any, ...]:
    """The alternatives of a union, or the one type that it is."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def problem_with(cls: object) -> str | None:
    """Why `cls` cannot be sent as a message; None if it can."""
    name = getattr(cls, "__name__", repr(cls))
    if not (isinstance(cls, type) and issubclass(cls, Message)):
        return f"{name} is no message: derive it from Message or Request[TheReply]"
    if not dataclasses.is_dataclass(cls) or not is_frozen(cls):
        return f"{name} must be a frozen dataclass: write @dataclass(frozen=True) above it"
    taken = RESERVED & {field.name for field in dataclasses.fields(cls)}
    if taken:
        return f"{name} has a field '{min(taken)}', which the protocol uses itself: rename it"
    return undecodable(cls, name)


def undecodable(cls: type[Message], name: str) -> str | None:
    """Why the fields of `cls` have no form in JSON; None if they have one."""
    try:
        body_decoder(cls)
    except (TypeError, NameError) as error:
        return f"{name} has a field that JSON cannot carry: {error}"
    return None


class _FrozenParams(typing.Protocol):
    frozen: bool


class _Frozen(typing.Protocol):
    __dataclass_params__: ClassVar[_FrozenParams]


def is_frozen(cls: type) -> bool:
    """Whether a dataclass is frozen."""
    return typing.cast(_Frozen, cls).__dataclass_params__.frozen
