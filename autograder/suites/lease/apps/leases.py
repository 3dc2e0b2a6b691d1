"""A client that uses leases, and shows the token of each to the resource that it guards."""

from dataclasses import dataclass
from typing import Any

from labs.node import Message, Node, PreconditionFailed, Request
from labs.node.hosts.load import load

Lease = load("lease/lease.py:Lease")
PATIENCE = 3_600.0  # seconds; the resource answers everything


@dataclass(frozen=True)
class Used(Message):
    """The resource has taken what was asked."""


@dataclass(frozen=True)
class Use(Request[Used]):
    """Asks the resource for something, in the name of whoever has this token."""

    name: str
    token: int


class Leases:
    """`clerk` names the class of the clerk of `store`; all leases are for so many `seconds`."""

    def __init__(self, node: Node, store: str, clerk: str, resource: str, seconds: float) -> None:
        self._node = node
        self._clerk = load(clerk)(node, store)
        self._resource = resource
        self._seconds = seconds
        self._leases: dict[str, Any] = {}
        self._tokens: dict[str, int] = {}

    async def acquire(self, name: str) -> int:
        """Acquire the lease of that name; its token."""
        self._tokens[name] = await self._lease(name).acquire()
        return self._tokens[name]

    async def release(self, name: str) -> None:
        """Release the lease of that name."""
        await self._lease(name).release()

    async def use(self, name: str) -> bool:
        """Use the resource with the last token; whether it was let."""
        try:
            await self._node.call(self._resource, Use(name, self._tokens[name]), PATIENCE)
        except PreconditionFailed:
            return False
        return True

    def _lease(self, name: str) -> Any:
        if name not in self._leases:
            self._leases[name] = Lease(self._clerk, name, self._seconds)
        return self._leases[name]
