"""The order of the values of registers, as far as it is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import networkx as nx

from autograder.checkers.transactions.cycles import circles
from autograder.checkers.transactions.graph import Because
from autograder.checkers.transactions.transaction import Anomaly, Record, gave


class Version(NamedTuple):
    """A value of a key; None is the one before the first write."""

    key: Any
    value: Any


@dataclass
class Versions:
    """Which value of a register is older than which, and why; of values that members wrote alone."""

    made: Record
    older: dict[tuple[Version, Version], Because] = field(default_factory=dict)

    def add(self, key: Any, before: Any, after: Any, because: Because) -> None:
        """Note that one value was overwritten by another, at once or later."""
        if before != after and self._known(key, before) and self._known(key, after):
            self.older.setdefault((Version(key, before), Version(key, after)), because)

    def _known(self, key: Any, value: Any) -> bool:
        return value is None or self.made.writer(key, value) is not None

    def contradictions(self) -> Iterator[Anomaly]:
        """Values that are older than themselves. What is known of their keys is forgotten."""
        known: nx.DiGraph[Version] = nx.DiGraph(list(self.older))
        spoilt = set()
        for circle in circles(known):
            steps = [self.older[edge] for edge in circle]
            told = "; ".join(in_words(*edge, self.older[edge]) for edge in circle)
            found = {t.number: t.operation for step in steps for t in step.transactions}
            key = circle[0][0].key
            spoilt.add(key)
            yield Anomaly(
                "cyclic-versions",
                f"no order of the values of {key} fits: {told}",
                tuple(operation for _, operation in sorted(found.items())),
            )
        self.older = {edge: why for edge, why in self.older.items() if edge[0].key not in spoilt}


def in_words(before: Version, after: Version, because: Because) -> str:
    """Why a value is older than another."""
    values = {"before": gave(before.value), "after": gave(after.value)}
    return because.rule.format(*because.transactions, **values)
