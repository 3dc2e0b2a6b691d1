"""How many messages a run took, counted as Maelstrom counts them."""

from __future__ import annotations

from typing import Any

from autograder.cluster.trace import Trace
from autograder.gossip.latency import between_servers


def count(trace: Trace, operations: int) -> dict[str, dict[str, Any]]:
    """The messages sent, between servers and with clients, in all and for each operation."""
    sent = [e.message for e in trace.events if e.kind == "send" and e.message is not None]
    servers = sum(map(between_servers, sent))
    numbers = {"all": len(sent), "clients": len(sent) - servers, "servers": servers}
    return {
        who: {"send-count": number, "msgs-per-op": number / operations if operations else None}
        for who, number in numbers.items()
    }
