"""A client process: it carries sessions, objects on which a test invokes one operation after another.

Twenty thousand clerks are not twenty thousand processes. The sessions of a process share its node, so
nothing of the node tells them apart: neither its `id`, nor a counter of the module in another process.
"""

from __future__ import annotations

import inspect
from typing import Any, Protocol

import msgspec

from labs.node.errors import Mistake, RPCError, where
from labs.node.hosts import load
from labs.node.hosts.control import Invocation, Response, SessionsOf
from labs.node.messages import UNWRITABLE, encode_json
from labs.node.node import Node

NOTHING = msgspec.Raw(b"null")


class Carrier(Protocol):
    """The process, as its sessions see it."""

    def respond(self, response: Response) -> None:
        """Tell the cluster how an operation ended."""


class Sessions:
    """The sessions of one process."""

    def __init__(self, node: Node, carrier: Carrier, wanted: SessionsOf) -> None:
        cls = load.load(wanted.program)
        load.refuse_wrong_options(cls, {"node": node, **wanted.options})
        self._node = node
        self._carrier = carrier
        self._objects = [
            cls(node, **load.make_options(wanted.options)) for _ in range(wanted.number)
        ]

    def invoke(self, invocation: Invocation) -> None:
        """Begin an operation; its end is told to the cluster."""
        self._node.spawn(self._perform(invocation))

    async def _perform(self, invocation: Invocation) -> None:
        method = method_of(self._objects[invocation.session], invocation.name)
        try:
            value = await method(*invocation.args)
        except RPCError as error:
            answer = Response(invocation.number, NOTHING, error.code, error.text)
        else:
            answer = Response(invocation.number, as_json(value, method))
        self._carrier.respond(answer)


def method_of(thing: object, name: str) -> Any:
    """The coroutine method of that name; raises `Mistake` if there is none."""
    cls = type(thing)
    method = getattr(thing, name, None)
    if method is None:
        raise Mistake(f"{cls.__name__} has no {name}: write async def {name}", where(cls))
    if not inspect.iscoroutinefunction(method):
        raise Mistake(f"{cls.__name__}.{name} is no coroutine: write async def {name}", where(cls))
    return method


def as_json(value: object, method: Any) -> msgspec.Raw:
    """What an operation returned, as JSON."""
    try:
        return msgspec.Raw(encode_json(value))
    except UNWRITABLE as error:
        function = getattr(method, "__func__", method)
        raise Mistake(
            f"{function.__name__} returned {value!r:.80}, which is no plain value: {error}",
            where(function),
        ) from None
