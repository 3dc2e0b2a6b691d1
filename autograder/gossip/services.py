"""The stores that nodes may use, each under its name: lin-kv, seq-kv, lww-kv, lin-tso.

They are functions in the test's own process, and nodes for the network's rules: a partition or a cut that
names one reaches it. They never crash, and take each message once, even if the network delivers it twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from autograder.cluster import Cluster, seeds
from autograder.cluster.trace import Message
from autograder.gossip.stores import LastWriteWins, Linearizable, Sequential, Store, Value
from labs.node.errors import (
    KeyDoesNotExist,
    MalformedRequest,
    NotSupported,
    PreconditionFailed,
    RPCError,
    Unavailable,
)
from labs.node.messages import UNREADABLE, UNWRITABLE, decode_envelope

SERVICES = ("lin-kv", "seq-kv", "lww-kv", "lin-tso")
LARGEST = 1 << 20  # bytes of a key or value
# Bytes of all keys and values of a service, each value the largest that was asked for.
ROOM = 64 << 20
REMEMBERED = 10_000  # messages of which a second copy is known

Reply = dict[str, Any]


class Read(msgspec.Struct):
    """Asks for the value of a key."""

    key: Any


class Write(msgspec.Struct):
    """Sets a key."""

    key: Any
    value: Any


class Cas(msgspec.Struct, rename={"from_": "from"}):
    """Sets a key that has a certain value."""

    key: Any
    from_: Any
    to: Any
    create_if_not_exists: bool = False


class Ts(msgspec.Struct):
    """Asks for a timestamp."""


REQUESTS: dict[str, Any] = {
    name: msgspec.json.Decoder(cls)
    for name, cls in (("read", Read), ("write", Write), ("cas", Cas), ("ts", Ts))
}


class KeyValue:
    """Answers `read`, `write` and `cas` from a store."""

    types = frozenset({"read", "write", "cas"})

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sizes: dict[bytes, int] = {}
        self._size = 0

    def answer(self, client: str, request: Any, now: float) -> Reply:
        """The reply to a request; raises the `RPCError` that it is."""
        key = form(request.key)
        match request:
            case Read():
                value = self._store.run(client, key, existing, now)
                return {"type": "read_ok", "value": msgspec.Raw(value or b"")}
            case Write():
                value = self._fitting(key, form(request.value))
                self._store.run(client, key, lambda found: value, now)
                return {"type": "write_ok"}
        old, new = form(request.from_), self._fitting(key, form(request.to))
        create = request.create_if_not_exists
        self._store.run(client, key, lambda found: compared(found, old, new, create), now)
        return {"type": "cas_ok"}

    def _fitting(self, key: bytes, value: bytes) -> bytes:
        """A value, if there is room for it."""
        before = self._sizes.get(key, 0)
        size = max(before, len(key) + len(value))
        if self._size + size - before > ROOM:
            raise Unavailable(f"this service keeps {ROOM >> 20} MiB at most, and is full")
        self._size += size - before
        self._sizes[key] = size
        return value


def existing(found: Value) -> Value:
    """The act of a read."""
    if found is None:
        raise KeyDoesNotExist("key does not exist")
    return found


def compared(found: Value, old: bytes, new: bytes, create: bool) -> Value:
    """The act of a compare-and-set."""
    if found is None and create:
        return new
    if existing(found) != old:
        raise PreconditionFailed(f"expected {shown(old)}, but the value is {shown(found or b'')}")
    return new


class Oracle:
    """Answers `ts` with timestamps: integers, each greater than all that were given before."""

    types = frozenset({"ts"})

    def __init__(self) -> None:
        self._next = 0

    def answer(self, client: str, request: Any, now: float) -> Reply:
        """See `KeyValue`."""
        self._next += 1
        return {"type": "ts_ok", "ts": self._next - 1}


class Service:
    """One service at work in a cluster."""

    def __init__(self, cluster: Cluster, name: str, kind: KeyValue | Oracle) -> None:
        self.name = name
        self._cluster = cluster
        self._kind = kind
        self._known: set[int] = set()
        self._order: deque[int] = deque()

    def receive(self, message: Message) -> None:
        """Take a message, and answer it if it is a request."""
        if message.msg_id is None or message.in_reply_to is not None or self._again(message.number):
            return
        try:
            reply = self._answer(message)
        except RPCError as error:
            reply = {"type": "error", "code": error.code, "text": error.text}
        body = {**reply, "in_reply_to": message.msg_id}
        line = msgspec.json.encode({"src": self.name, "dest": message.src, "body": body})
        self._cluster.network.send(self._cluster.engine.now, self.name, msgspec.Raw(line))

    def _answer(self, message: Message) -> Reply:
        if message.type not in self._kind.types:
            wanted = ", ".join(sorted(self._kind.types))
            raise NotSupported(f"{self.name} has no {message.type[:80]!r}, but {wanted}")
        try:
            request = REQUESTS[message.type].decode(decode_envelope(message.line).body)
        except UNREADABLE as error:
            raise MalformedRequest(f"{message.type} to {self.name}: {error}") from None
        return self._kind.answer(message.src, request, self._cluster.now)

    def _again(self, number: int) -> bool:
        """Whether this is a second copy of a message."""
        if number in self._known:
            return True
        self._known.add(number)
        self._order.append(number)
        if len(self._order) > REMEMBERED:
            self._known.discard(self._order.popleft())
        return False


def form(value: Any) -> bytes:
    """A value as JSON, in one form: equal for equal values, and for no others."""
    try:
        text = msgspec.json.encode(value, order="sorted")
    except UNWRITABLE as error:
        raise MalformedRequest(f"this cannot be kept: {error}") from None
    if len(text) > LARGEST:
        raise MalformedRequest(f"keys and values have at most {LARGEST >> 20} MiB")
    return text


def shown(text: bytes) -> str:
    """A value in an error's text."""
    return text[:80].decode(errors="replace") + ("..." if text[80:] else "")


class Services:
    """All services of a cluster."""

    names = SERVICES

    def __init__(self, cluster: Cluster) -> None:
        kinds: Mapping[str, Callable[[], KeyValue | Oracle]] = {
            "lin-kv": lambda: KeyValue(Linearizable()),
            "seq-kv": lambda: KeyValue(Sequential(seeds.stream(cluster.seed, "seq-kv"))),
            "lww-kv": lambda: KeyValue(LastWriteWins(seeds.stream(cluster.seed, "lww-kv"))),
            "lin-tso": Oracle,
        }
        for name, kind in kinds.items():
            cluster.attach(name, Service(cluster, name, kind()).receive)
