"""A client: it asks one node, one thing at a time, and what it asks is in the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from autograder.cluster import Cluster
from autograder.cluster import client as wire
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.workload import Request, Workload
from labs.node.errors import RPCError

ReplyT = TypeVar("ReplyT", bound=Reply)


class Client:
    """One of the clients `c1`, `c2`, ... of a cluster.

    A client that got no answer does not know what became of its operation, which may still happen. So it
    goes on under another name: its next operation is concurrent with that one.
    """

    def __init__(self, cluster: Cluster, names: Names, node: str, timeout: float) -> None:
        self.node = node
        self.timeout = timeout
        self.state: dict[str, Any] = {}  # what the workload keeps of it
        self._cluster = cluster
        self._names = names
        self._rename()

    def replace(self) -> None:
        """Let another client take its place, which knows nothing of what this one was told."""
        self.state = {}
        self._rename()

    def _rename(self) -> None:
        self.id = self._names.next()
        self._wire = wire.Client(self._cluster, self.id)
        self._cluster.attach(self.id, self._wire.receive)
        self._names.asked[self.id] = self._wire.asked

    async def ask(
        self,
        rpc: Rpc[ReplyT],
        more: Mapping[str, Any] = MappingProxyType({}),
        *,
        to: str | None = None,
        timeout: float | None = None,
        **fields: Any,
    ) -> ReplyT:
        """Send a request to its node, or to another, and return the reply.

        `more` has fields whose names cannot be written as `fields`: `from`, `to`.
        Raises `RPCError` if that is an error or does not come, and `NodeFault` if it is malformed.
        """
        dest = to or self.node
        body = {"type": rpc.name, **more, **fields}
        return rpc.read(dest, await self._wire.call(dest, body, timeout or self.timeout))

    async def do(self, workload: Workload, request: Request) -> None:
        """Do an operation, and keep it in the history, with its result or its error."""
        cluster, history = self._cluster, self._cluster.history
        number = history.begin(self.id, request.name, request.args, cluster.engine.now, self.node)
        try:
            result = await workload.perform(self, request)
        except RPCError as error:
            if error.definite or request.name in workload.reads:
                history.end(number, cluster.engine.now, error=error.code)
            else:
                self._rename()
        else:
            history.end(number, cluster.engine.now, result)


class Names:
    """Names for clients, each given once."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.asked: dict[str, Callable[[], int]] = {}  # how many requests each has made

    def next(self) -> str:
        """A name that nobody has."""
        self.given.append(f"c{len(self.given) + 1}")
        return self.given[-1]
