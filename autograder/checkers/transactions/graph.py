"""Dependencies between transactions: who wrote after whom, who read what of whom, who missed what.

    ww   a transaction wrote what another one overwrote
    wr   a transaction wrote what another one read
    rw   a transaction read what another one overwrote (an anti-dependency)

Beside them stands the order of time, of one client's transactions or of all, if the model keeps it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograder.checkers.transactions.transaction import Transaction


class Kind(enum.Enum):
    """Why one transaction comes before another; in the order in which reasons are preferred."""

    WW = "ww"
    WR = "wr"
    RW = "rw"
    PROCESS = "process"
    REALTIME = "realtime"


class Because(NamedTuple):
    """Why one value of a register is known to be older than another.

    `rule` says it in words, with `{0}` and `{1}` for the transactions, and `{before}` and `{after}` for the
    values.
    """

    rule: str
    transactions: tuple[Transaction, ...]


class Reason(NamedTuple):
    """What shows a dependency: a key, and the value on either side (None: nothing)."""

    key: Any = None
    before: Any = None
    after: Any = None
    because: Because | None = None


Edge = tuple[int, int]


@dataclass
class Graph:
    """Edges between the numbers of transactions, by their kind."""

    edges: dict[Kind, dict[Edge, Reason]] = field(
        default_factory=lambda: {kind: {} for kind in Kind}
    )

    def add(self, kind: Kind, one: Transaction, other: Transaction, reason: Reason) -> None:
        """Note that one comes before another, unless it is the same; the first reason is kept."""
        if one is not other:
            self.edges[kind].setdefault((one.number, other.number), reason)

    def why(self, edge: Edge, kinds: tuple[Kind, ...]) -> tuple[Kind, Reason]:
        """The preferred reason for an edge, of some kinds; there must be one."""
        return next((kind, self.edges[kind][edge]) for kind in kinds if edge in self.edges[kind])
