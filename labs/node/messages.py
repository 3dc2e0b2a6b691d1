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
`in_reply_to` in a reply names the request that it answers. A field whose name Python keeps for itself
is written with an underscore behind it, which the wire does not see: `from_` travels as `from`.
"""

from __future__ import annotations

import dataclasses
import functools
import keyword
import re
import types
import typing
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from labs.node.errors import Mistake, where

ReplyT = TypeVar("ReplyT", covariant=True)
KeyT = TypeVar("KeyT")
ResultT = TypeVar("ResultT")
RESERVED_FIELDS = frozenset({"type", "msg_id", "in_reply_to"})
RESERVED_TYPES = frozenset({"error", "init", "init_ok"})


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

# What decoding and encoding raise where a message does not fit.
UNREADABLE = (ValueError, RecursionError)
UNWRITABLE = (TypeError, ValueError, OverflowError, RecursionError)


def cached(function: Callable[[KeyT], ResultT]) -> Callable[[KeyT], ResultT]:
    """`functools.cache`, without its doubts whether classes are hashable."""
    return functools.cache(function)


class Form(NamedTuple):
    """How the messages of one class look on the wire."""

    name: str
    decode: Callable[[bytes | msgspec.Raw], Any]  # checks the fields
    encode: Callable[[Any], bytes]  # the fields alone


@cached
def form_of(cls: type) -> Form:
    """The form of a message class; raises `Mistake` if it has none."""
    problem = problem_with(cls)
    if problem:
        raise Mistake(problem, where(cls) if issubclass(cls, Message) else "")
    if any(name != wire_name(name) for name in field_names(cls)):
        return renamed(cls)
    return Form(type_name(cls), msgspec.json.Decoder(cls).decode, encode_json)


def renamed(cls: type) -> Form:
    """The form of a message class whose fields have other names on the wire."""
    names, hints = field_names(cls), typing.get_type_hints(cls)
    twin = msgspec.defstruct(
        cls.__name__,
        [(each.name, hints[each.name], *default(each)) for each in dataclasses.fields(cls)],
        rename={name: wire_name(name) for name in names},
        kw_only=True,
    )
    decode = msgspec.json.Decoder(twin).decode

    def read(line: bytes | msgspec.Raw) -> Any:
        found = decode(line)
        return cls(**{name: getattr(found, name) for name in names})

    return Form(
        type_name(cls),
        read,
        lambda body: encode_json({wire_name(name): getattr(body, name) for name in names}),
    )


def default(field: dataclasses.Field[Any]) -> tuple[Any, ...]:
    """What a field is if it is not given: a tuple of one, or of nothing."""
    if field.default is not dataclasses.MISSING:
        return (field.default,)
    if field.default_factory is not dataclasses.MISSING:
        return (msgspec.field(default_factory=field.default_factory),)
    return ()


def field_names(cls: type) -> list[str]:
    """The fields of a message class, as its program calls them."""
    return [field.name for field in dataclasses.fields(cls)]


def wire_name(name: str) -> str:
    """A field's name on the wire: `from_` becomes `from`."""
    bare = name.removesuffix("_")
    return bare if keyword.iskeyword(bare) else name


@cached
def type_name(cls: type) -> str:
    """The name on the wire: `GetOk` becomes `get_ok`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()


def encode(src: str, dest: str, body: Message, **numbers: int) -> bytes:
    """The line of JSON for a message; `numbers` are its `msg_id` or `in_reply_to`.

    Raises `Mistake` if JSON cannot carry it, or its fields do not have the types that they promise.
    """
    form = form_of(type(body))
    if not isinstance(dest, str):
        raise Mistake(f"{dest!r:.80} is no node: write its name, which is a str")
    try:
        fields = form.encode(body)
        form.decode(fields)
    except UNWRITABLE as error:
        raise Mistake(f"{body!r:.80} cannot be sent: {error}") from None
    return encode_envelope(src, dest, join(form.name, numbers, fields))


def encode_error(src: str, dest: str, code: int, text: str, in_reply_to: int) -> bytes:
    """The line of JSON for a reply that is an error."""
    body = encode_body("error", ErrorBody(code, text), {"in_reply_to": in_reply_to})
    return encode_envelope(src, dest, body)


def encode_body(name: str, body: object, numbers: dict[str, int]) -> bytes:
    """One JSON object: the header's fields in front, then those of `body`."""
    return join(name, numbers, encode_json(body))


def join(name: str, numbers: dict[str, int], fields: bytes) -> bytes:
    """Put the header's fields in front of others, which are a JSON object, too."""
    head = encode_json({"type": name, **numbers})
    return head if fields == b"{}" else head[:-1] + b"," + fields[1:]


def encode_envelope(src: str, dest: str, body: bytes) -> bytes:
    """Put `body` under its addresses."""
    return encode_json(Envelope(src, dest, msgspec.Raw(body)))


@cached
def replies_of(cls: type[Request[Any]]) -> dict[str, Form]:
    """The forms of the replies that a request may get, by their name on the wire."""
    return {type_name(reply): form_of(reply) for reply in members(declared_reply(cls))}


def declared_reply(cls: type[Request[Any]]) -> object:
    """What stands between the brackets of `Request[...]`."""
    for base in cls.__mro__:
        for generic in base.__dict__.get("__orig_bases__", ()):
            if typing.get_origin(generic) is Request:
                reply = typing.get_args(generic)[0]
                if isinstance(reply, typing.ForwardRef):
                    name = reply.__forward_arg__
                    raise Mistake(f"define {name} above, and write Request[{name}]", where(cls))
                return reply
    name = cls.__name__
    raise Mistake(f"{name} names no reply: write class {name}(Request[TheReply])", where(cls))


def members(annotation: object) -> tuple[Any, ...]:
    """The alternatives of a union, or the one type that it is."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def problem_with(cls: object) -> str | None:
    """Why `cls` cannot be sent as a message; None if it can."""
    if not (isinstance(cls, type) and issubclass(cls, Message)):
        return f"{name_of(cls)} is no message: derive it from Message or Request[TheReply]"
    name, made = cls.__name__, cls.__dict__.get("__dataclass_params__")
    if made is None or not made.frozen:
        return f"{name} must be a frozen dataclass: write @dataclass(frozen=True) above it"
    if type_name(cls) in RESERVED_TYPES:
        return f"a message named {name} is one of the protocol's own: rename it"
    taken = RESERVED_FIELDS & {field.name for field in dataclasses.fields(typing.cast(Any, cls))}
    if taken:
        return f"{name} has a field '{min(taken)}', which the protocol uses itself: rename it"
    return undecodable(cls)


def undecodable(cls: type[Message]) -> str | None:
    """Why the fields of `cls` have no form in JSON; None if they have one."""
    try:
        msgspec.json.Decoder(cls)
    except (TypeError, NameError) as error:
        return f"{cls.__name__} has a field that JSON cannot carry: {error}"
    return None


def name_of(thing: object) -> str:
    """A class by its name, and anything else as Python shows it."""
    return thing.__name__ if isinstance(thing, type) else repr(thing)
