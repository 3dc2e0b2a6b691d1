"""Histories: what clients asked, what they were told, and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec


class Operation(msgspec.Struct, frozen=True, gc=False):
    """What a client asked, with its invocation, its response (or none) and both times.

    Times are in microseconds. `returned` is None for an operation without a response: it may have
    happened at any time after `invoked`, or never. `error` is the code of the error that was the
    response (`labs.node.errors`), None for a `result`. `client` names who asked, and asks one thing
    at a time; `node` is the process that it lives in.
    """

    client: str
    name: str
    args: tuple[Any, ...]
    invoked: int
    returned: int | None = None
    result: Any = None
    error: int | None = None
    node: str = ""

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(short, self.args))})"


def short(value: Any) -> str:
    """A value as it is shown: long ones are cut."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:24]}...{text[-8:]}"


class History:
    """The operations of a run, in order of their invocations."""

    def __init__(self) -> None:
        self._operations: list[Operation] = []

    def begin(self, client: str, name: str, args: tuple[Any, ...], now: int, node: str = "") -> int:
        """Note an invocation; the number under which its response is noted."""
        self._operations.append(Operation(client, name, args, now, node=node))
        return len(self._operations) - 1

    def end(self, number: int, now: int, result: Any = None, error: int | None = None) -> None:
        """Note the response of an operation."""
        self._operations[number] = msgspec.structs.replace(
            self._operations[number], returned=now, result=result, error=error
        )

    def last(
        self, client: str, name: str | None = None, args: tuple[Any, ...] | None = None
    ) -> Operation:
        """A client's last operation, of this name and with these arguments; there must be one."""
        return next(
            operation
            for operation in reversed(self._operations)
            if operation.client == client
            and name in (None, operation.name)
            and args in (None, operation.args)
        )

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations)

    def __len__(self) -> int:
        return len(self._operations)

    def __getitem__(self, number: int) -> Operation:
        return self._operations[number]
