"""What reads of registers tell: who wrote what they saw, and sometimes which value is older.

A register shows one value alone, so the order of its values is known in part:

- a transaction that wrote twice wrote the second value later;
- what a transaction read is older than what it then wrote (where circular information flow is forbidden,
  since otherwise there is such a flow);
- where the order of time is kept, what one transaction read or wrote last is no younger than what a later
  one read or wrote first;
- where the nodes agree at the end, what they then read is the youngest (`converged.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from autograder.checkers.transactions.graph import Because, Graph, Kind, Reason
from autograder.checkers.transactions.levels import Level, Order
from autograder.checkers.transactions.order import preceding
from autograder.checkers.transactions.transaction import READ, Anomaly, Fate, Record, Transaction
from autograder.checkers.transactions.versions import Version, Versions

OWN = "{0} wrote {before} and then {after}"
AFTER_READ = "{0} read {before} and then wrote {after}"
IN_TIME = "{0}, which had {before}, had ended before {1}, which had {after}, began"


class Touch(NamedTuple):
    """The first and the last value of a key that a transaction had, as far as they are known."""

    by: Transaction
    first: Any
    last: Any


def infer(
    made: Record, level: Level, graph: Graph, youngest: dict[Any, tuple[Any, Transaction]]
) -> Iterator[Anomaly]:
    """Put the dependencies that registers show into the graph; give the orders that are none.

    `youngest` has values that are known to be the last of their keys, each with a reader.
    """
    versions = Versions(made)
    touches: dict[Any, list[Touch]] = defaultdict(list)
    for each in made.transactions:
        if each.number in made.members:
            for key, touch in walk(versions, each, "G1c" in level.forbids):
                touches[key].append(touch)
    in_order(versions, touches, level.order)
    at_the_end(versions, youngest)
    yield from versions.contradictions()
    reads = list(reads_of(made))
    overwrites(versions, graph)
    read_dependencies(made, graph, reads)
    anti_dependencies(versions, graph, reads)


def walk(versions: Versions, each: Transaction, after_read: bool) -> Iterator[tuple[Any, Touch]]:
    """Note which values a transaction shows to be older than others; what it had of each key."""
    had: dict[Any, Touch] = {}
    wrote: set[Any] = set()
    for verb, key, value in each.micros:
        before = had.get(key)
        if verb == READ:
            if each.fate is not Fate.COMMITTED or key in wrote:
                continue
        elif before is not None and (key in wrote or after_read):
            because = Because(OWN if key in wrote else AFTER_READ, (each,))
            versions.add(key, before.last, value, because)
        if verb != READ:
            wrote.add(key)
        had[key] = Touch(each, before.first if before else value, value)
    return iter(had.items())


def in_order(versions: Versions, touches: dict[Any, list[Touch]], order: Order) -> None:
    """Note what is known by the order of time."""
    if not order:
        return
    for key, touched in touches.items():
        had = {touch.by.number: touch for touch in touched}
        for one, other in preceding([touch.by for touch in touched], order):
            before, after = had[one], had[other]
            if before.last != after.first:
                because = Because(IN_TIME, (before.by, after.by))
                versions.add(key, before.last, after.first, because)


def at_the_end(versions: Versions, youngest: dict[Any, tuple[Any, Transaction]]) -> None:
    """Note that what is read at the end is younger than all else."""
    for key, value in versions.made.writes:
        if key in youngest:
            last, reader = youngest[key]
            because = Because("at the end everyone reads {after}, as {0} does", (reader,))
            versions.add(key, value, last, because)


class Seen(NamedTuple):
    """A transaction that read a value which it did not write itself."""

    version: Version
    by: Transaction


def reads_of(made: Record) -> Iterator[Seen]:
    """What committed transactions read of others."""
    for each in made.committed():
        wrote = set()
        for verb, key, value in each.micros:
            if verb != READ:
                wrote.add(key)
            elif key not in wrote:
                yield Seen(Version(key, value), each)


def overwrites(versions: Versions, graph: Graph) -> None:
    """Note who wrote after whom."""
    for (before, after), because in versions.older.items():
        one = versions.made.writer(*before)
        other = versions.made.writer(*after)
        if one is not None and other is not None:
            reason = Reason(before.key, before.value, after.value, because)
            graph.add(Kind.WW, one, other, reason)


def read_dependencies(made: Record, graph: Graph, reads: Iterable[Seen]) -> None:
    """Note who read what of whom."""
    for version, reader in reads:
        writer = made.writer(*version)
        if writer is not None:
            reason = Reason(version.key, version.value, version.value)
            graph.add(Kind.WR, writer, reader, reason)


def anti_dependencies(versions: Versions, graph: Graph, reads: Iterable[Seen]) -> None:
    """Note who read what others overwrote. The value before the first write is older than all."""
    younger: dict[Version, list[tuple[Version, Because | None]]] = defaultdict(list)
    made = versions.made
    for (before, after), because in versions.older.items():
        younger[before].append((after, because))
    not_first = {after for before, after in versions.older if before.value is not None}
    for key, value in made.writes:
        version = Version(key, value)
        if version not in not_first and made.writer(key, value) is not None:
            younger[Version(key, None)].append((version, None))
    for version, reader in reads:
        for after, why in younger.get(version, ()):
            writer = made.writer(*after)
            if writer is not None:
                reason = Reason(version.key, version.value, after.value, why)
                graph.add(Kind.RW, reader, writer, reason)
