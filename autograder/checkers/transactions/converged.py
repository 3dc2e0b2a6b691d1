"""What must hold of the last reads, if the nodes promise to agree once the network is whole and quiet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.checkers.transactions.transaction import (
    READ,
    Anomaly,
    Fate,
    Record,
    Transaction,
    gave,
    values_of,
)

Last = dict[Any, list[tuple[Any, Transaction]]]


def last_reads(made: Record, quiet: int) -> Last:
    """What transactions read that began when it was quiet, by key; without keys that they wrote."""
    late = [each for each in made.transactions if each.operation.invoked >= quiet]
    wrote = {micro.key for each in late for micro in each.writes()}
    found: Last = {}
    for each in late:
        for micro in each.micros if each.fate is Fate.COMMITTED else ():
            if micro.verb == READ and micro.key not in wrote:
                found.setdefault(micro.key, []).append((micro.value, each))
    return found


def unanswered(made: Record, quiet: int) -> Iterator[Anomaly]:
    """Last transactions that did not succeed."""
    for each in made.transactions:
        if each.operation.invoked >= quiet and each.fate is not Fate.COMMITTED:
            error = each.operation.error
            why = "did not answer" if error is None else f"answered with error {error}"
            who = each.operation.node or "a node"
            sentence = f"{who} {why} {each} at the end, when the network was whole and quiet"
            yield Anomaly("unanswered", sentence, (each.operation,))


def diverged(last: Last) -> Iterator[Anomaly]:
    """Keys of which the last reads differ."""
    for key, reads in last.items():
        value, one = reads[0]
        for another, other in reads:
            if values_of(another) != values_of(value):
                said = (
                    f"long after the last write, {where(one)} reads {gave(value)} in {key}, "
                    f"and {where(other)} reads {gave(another)}"
                )
                yield Anomaly("divergence", said, (one.operation, other.operation))
                break


def where(each: Transaction) -> str:
    """Whose answer it was."""
    return each.operation.node or each.operation.client


def lost(made: Record, last: Last, lists: bool) -> Iterator[Anomaly]:
    """Acknowledged writes that are gone at the end: elements of lists, or all values of a register."""
    for (key, value), write in made.writes.items():
        if key not in last or write.by.fate is not Fate.COMMITTED:
            continue
        read, reader = last[key][0]
        if value not in values_of(read) if lists else read is None:
            said = (
                f"{write.by} wrote {value} to {key}, which was acknowledged; "
                f"{where(reader)} reads {gave(read)} there at the end"
            )
            yield Anomaly("lost-write", said, (write.by.operation, reader.operation))


def youngest(last: Last) -> dict[Any, tuple[Any, Transaction]]:
    """The values that everyone reads at the end, each with a reader."""
    return {
        key: reads[0]
        for key, reads in last.items()
        if reads[0][0] is not None and all(value == reads[0][0] for value, _ in reads)
    }
