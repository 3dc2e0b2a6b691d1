"""Lost updates: two transactions that read the same value of a key, and then both changed it.

(P4 in Berenson et al., "A Critique of ANSI SQL Isolation Levels", 1995.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.checkers.transactions.transaction import (
    READ,
    Anomaly,
    Record,
    Transaction,
    gave,
    values_of,
)


def lost_updates(made: Record) -> Iterator[Anomaly]:
    """Pairs of which the later one changed what it had not read."""
    first: dict[tuple[Any, tuple[Any, ...]], Transaction] = {}
    for each in made.committed():
        for key, read in changed(each):
            other = first.setdefault((key, tuple(values_of(read))), each)
            if other is not each:
                said = f"{other} and {each} both read {gave(read)} in {key}, and both changed it"
                yield Anomaly("lost-update", said, (other.operation, each.operation))


def changed(each: Transaction) -> Iterator[tuple[Any, Any]]:
    """The keys that a transaction read and then wrote, and what it read of each."""
    had: dict[Any, Any] = {}
    wrote = set()
    for verb, key, value in each.micros:
        if verb == READ:
            had.setdefault(key, value)
        elif key not in wrote:
            wrote.add(key)
            if key in had:
                yield key, had[key]
