"""The services as a node sees them: key/value stores, and an oracle that gives timestamps.

    kv = KV(self, "lin-kv")                  # or "seq-kv", "lww-kv"
    await kv.write("x", 1)
    await kv.cas("x", 1, 2)                  # set it to 2 if it is 1
    await kv.read("x")                       # 2
    await Tso(self).next()                   # an integer greater than all before

What the stores promise:

- `lin-kv` is linearizable: every operation takes effect at one moment between its call and its return.
- `seq-kv` is sequential: all nodes see the same changes in the same order, but each as late as it likes. A
  node never goes back, also after a crash. What changes the store runs on its newest state, and then this
  node has seen that state. What changes nothing may run on an old one: a read, a write of the value that is
  there already, a `cas` that is refused.
- `lww-kv` keeps of several writes the one with the latest timestamp, by clocks that differ. So a write may
  be lost although it was acknowledged, and a read may be old.

Every call raises `CallTimeout` if no answer came: then a write was done, will yet be done, or never is.
Keys and values are any JSON, of 1 MiB at most; a service keeps 64 MiB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labs.node import Message, Node, Request

TIMEOUT = 1.0  # seconds


@dataclass(frozen=True)
class ReadOk(Message):
    """The value of the key."""

    value: Any


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    """Asks for the value of a key. The answer may be the error KeyDoesNotExist."""

    key: Any


@dataclass(frozen=True)
class WriteOk(Message):
    """The write was done."""


@dataclass(frozen=True)
class Write(Request[WriteOk]):
    """Sets a key, and creates it if need be."""

    key: Any
    value: Any


@dataclass(frozen=True)
class CasOk(Message):
    """The key had the value `from_`, or was created, and has the value `to` now."""


@dataclass(frozen=True)
class Cas(Request[CasOk]):
    """Sets a key to `to` if its value is `from_`; also if it is missing and is to be created.

    The answer may be one of the errors KeyDoesNotExist and PreconditionFailed.
    """

    key: Any
    from_: Any
    to: Any
    create_if_not_exists: bool = False


@dataclass(frozen=True)
class TsOk(Message):
    """A timestamp that nobody has got before."""

    ts: int


@dataclass(frozen=True)
class Ts(Request[TsOk]):
    """Asks for a timestamp."""


class KV:
    """A key/value store. Keys and values are anything that JSON can carry."""

    def __init__(self, node: Node, name: str, timeout: float = TIMEOUT) -> None:
        self._node = node
        self._name = name
        self._timeout = timeout  # seconds that a call waits for its answer

    async def read(self, key: Any) -> Any:
        """The value of a key. Raises `KeyDoesNotExist`."""
        return (await self._node.call(self._name, Read(key), self._timeout)).value

    async def write(self, key: Any, value: Any) -> None:
        """Set a key."""
        await self._node.call(self._name, Write(key, value), self._timeout)

    async def cas(self, key: Any, old: Any, new: Any, *, create: bool = False) -> None:
        """Set a key to `new` if its value is `old`; with `create`, also if there is no such key.

        Raises `PreconditionFailed` if it has another value, and `KeyDoesNotExist` if it is missing.
        """
        await self._node.call(self._name, Cas(key, old, new, create), self._timeout)


class Tso:
    """The timestamp oracle, `lin-tso`."""

    def __init__(self, node: Node, timeout: float = TIMEOUT) -> None:
        self._node = node
        self._timeout = timeout

    async def next(self) -> int:
        """An integer greater than every timestamp that was given before this call."""
        return (await self._node.call("lin-tso", Ts(), self._timeout)).ts
