"""Nodes as asyncio tasks in one process: their messages never leave its memory."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from labs.node import messages
from labs.node.hosts.real import RealHost, live
from labs.node.node import Node, create

BUSY = 0.05  # seconds that one turn of a `PatientLoop` may take by its own clock


class PatientLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still while one node computes.

    Nodes that share a loop also share its thread. By a plain clock, a node that maps for seconds would
    make the calls of all others time out, and the coordinator take them for dead.
    """

    def __init__(self) -> None:
        self._poller = Poller()
        super().__init__(self._poller)

    def time(self) -> float:
        """Seconds, without those that turns took beyond `BUSY`."""
        return self._poller.time()


class Poller(selectors.DefaultSelector):
    """A selector that knows how long each turn of its loop takes, since a turn is between two polls."""

    def __init__(self) -> None:
        super().__init__()
        self._turn_began = time.monotonic()
        self._left_out = 0.0

    def time(self) -> float:
        """See `PatientLoop.time`."""
        return min(time.monotonic(), self._turn_began + BUSY) - self._left_out

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for input, as every selector does."""
        self._left_out += max(0.0, time.monotonic() - self._turn_began - BUSY)
        self._turn_began = time.monotonic()
        try:
            return super().select(timeout)
        finally:
            self._turn_began = time.monotonic()


class LocalNetwork:
    """Runs nodes side by side on the running event loop, and carries their messages.

    Nothing gets lost here but what is sent to a node that does not run. Messages are the same lines of
    JSON as everywhere, so nodes share no objects through them.
    """

    def __init__(self, disks: Path = Path("disks"), seed: int | None = None) -> None:
        self._disks = disks
        self._seed = seed
        self._nodes: dict[str, Node] = {}

    async def run(
        self,
        cls: type[Node],
        id: str,
        options: Mapping[str, Any] | None = None,
        peers: Iterable[str] = (),
    ) -> None:
        """Make a node and run it to the end of its `main`; raises what `create` and `main` raise.

        Raises `ValueError` if a node of this name runs. Several nodes run as several tasks.
        """
        if id in self._nodes:
            raise ValueError(f"a node named {id} runs already")
        host = LocalHost(self, id, peers, self._disks, self._seed)
        self._nodes[id] = node = create(cls, host, options or {})
        try:
            await live(node)
        finally:
            del self._nodes[id]

    def carry(self, line: bytes) -> None:
        """Deliver a message at the next turn of the loop, if its node still runs then."""
        asyncio.get_running_loop().call_soon(self._deliver, line)

    def _deliver(self, line: bytes) -> None:
        node = self._nodes.get(messages.decode_envelope(line).dest)
        if node is not None:
            node._wiring.receive(line)


class LocalHost(RealHost):
    """The host of one node in a `LocalNetwork`."""

    def __init__(
        self, network: LocalNetwork, id: str, peers: Iterable[str], disks: Path, seed: int | None
    ) -> None:
        super().__init__(id, peers, disks, seed)
        self._network = network

    def transmit(self, line: bytes) -> None:
        """Give a message to the network."""
        self._network.carry(line)
