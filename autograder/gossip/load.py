"""How many nodes and clients there are, how fast they ask, and for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """The terms of a run, with Maelstrom's defaults. Times are in seconds.

    `rate` counts operations a second of all clients together. `latency` is the mean that a message between
    servers takes; clients are beside their servers. After the load the network is made whole, and clients
    ask their last questions when it has been quiet for `calm`.
    """

    nodes: int = 1
    concurrency: int = 0  # clients; 0: as many as nodes
    rate: float = 5.0
    time_limit: float = 60.0
    latency: float = 0.0
    latency_dist: str = "constant"
    topology: str = "grid"
    timeout: float = 5.0  # that a client waits for a reply
    calm: float = 10.0
    interval: float = 10.0  # between a fault's begin and end, in the mean
    names: tuple[str, ...] = ()  # of the nodes, if they are not n1, n2, ...

    @property
    def node_names(self) -> tuple[str, ...]:
        """The names of the nodes."""
        return self.names or tuple(f"n{number + 1}" for number in range(self.nodes))

    @property
    def clients(self) -> int:
        """How many clients there are."""
        return self.concurrency or self.nodes
