"""What reads of lists tell: the order of appends, as it stands in the longest read of each key.

All states of a list are beginnings of each other, so the longest shows the order of all. What was appended
for sure and is in no read came later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from autograder.checkers.transactions.graph import Because, Graph, Kind, Reason
from autograder.checkers.transactions.levels import Level
from autograder.checkers.transactions.transaction import (
    READ,
    Anomaly,
    Record,
    Transaction,
    gave,
    values_of,
)

UNREAD = Because("{after} is in no read", ())


class Seen(NamedTuple):
    """What a transaction read of others in a list: the values that members wrote."""

    by: Transaction
    values: list[Any]


def infer(made: Record, level: Level, graph: Graph) -> Iterator[Anomaly]:
    """Put the dependencies that lists show into the graph; give the reads that fit no order."""
    reads = reads_of(made)
    appended = unread(made, reads)
    for key, seen in reads.items():
        if "incompatible-order" not in level.forbids:  # a read may show what was taken back later
            for each in seen:
                overwrites(made, graph, key, each.values)
            continue
        seen.sort(key=lambda each: len(each.values))
        clash = next(((a, b) for a, b in pairwise(seen) if not begins(a.values, b.values)), None)
        if clash is None:
            depend(made, graph, key, seen, appended[key])
            continue
        one, other = clash
        yield Anomaly(
            "incompatible-order",
            f"{one.by} read {gave(one.values)} in {key}, and {other.by} read {gave(other.values)}: "
            "neither is the beginning of the other",
            (one.by.operation, other.by.operation),
        )


def begins(short_one: list[Any], long_one: list[Any]) -> bool:
    """Whether a list is the beginning of another."""
    return long_one[: len(short_one)] == short_one


def reads_of(made: Record) -> dict[Any, list[Seen]]:
    """What was read of each key, without what the reader itself appended last."""
    reads: dict[Any, list[Seen]] = defaultdict(list)
    for each in made.committed():
        mine: dict[Any, list[Any]] = defaultdict(list)
        for micro in each.micros:
            if micro.verb != READ:
                mine[micro.key].append(micro.value)
                continue
            values, own = list(values_of(micro.value)), mine[micro.key]
            if own and values[-len(own) :] == own:
                del values[-len(own) :]
            known = [value for value in values if made.writer(micro.key, value) is not None]
            reads[micro.key].append(Seen(each, known))
    return reads


def unread(made: Record, reads: dict[Any, list[Seen]]) -> dict[Any, list[Any]]:
    """What was appended to each key for sure, and is in no read."""
    seen = {key: {v for each in some for v in each.values} for key, some in reads.items()}
    found: dict[Any, list[Any]] = defaultdict(list)
    for (key, value), write in made.writes.items():
        if write.by.number in made.members and value not in seen.get(key, ()):
            found[key].append(value)
    return found


def depend(made: Record, graph: Graph, key: Any, seen: list[Seen], later: list[Any]) -> None:
    """Note what the reads of a key show, which are sorted and fit each other."""
    order = seen[-1].values
    overwrites(made, graph, key, order)
    for value in later:
        overwrites(made, graph, key, [*order[-1:], value], UNREAD)
    for reader, values in seen:
        newest = values[-1] if values else None
        if values:
            writer = made.writer(key, newest)
            assert writer is not None
            graph.add(Kind.WR, writer, reader, Reason(key, newest, newest))
        following = order[len(values) : len(values) + 1] or later
        for value in following:
            writer = made.writer(key, value)
            assert writer is not None
            graph.add(Kind.RW, reader, writer, Reason(key, newest, value))


def overwrites(
    made: Record, graph: Graph, key: Any, order: list[Any], because: Because | None = None
) -> None:
    """Note who appended after whom."""
    for one, other in pairwise(order):
        before, after = made.writer(key, one), made.writer(key, other)
        assert before is not None
        assert after is not None
        graph.add(Kind.WW, before, after, Reason(key, one, other, because))
