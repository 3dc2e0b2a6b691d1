"""What can be seen in one read, or in one transaction, without any other order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.checkers.history import Operation
from autograder.checkers.transactions.transaction import (
    READ,
    Anomaly,
    Fate,
    Micro,
    Record,
    Transaction,
    Write,
    gave,
    misshapen,
    values_of,
)


def malformed(history: list[Operation], lists: bool) -> Iterator[Anomaly]:
    """Replies with operations that are missing, added or changed."""
    for each in history:
        if each.name == "txn" and each.returned is not None and each.error is None:
            why = misshapen(each, lists)
            if why:
                sentence = f"{each.node or 'the node'} answered {each.client} wrongly: {why}"
                yield Anomaly("malformed-reply", sentence, (each,))


def suspicious(made: Record) -> Iterator[Anomaly]:
    """Reads of values that nobody wrote, that were aborted, or that were overwritten by their writer."""
    for each in made.committed():
        for micro in each.micros:
            if micro.verb == READ and micro.value is not None:
                yield from of_read(made, each, micro)


def of_read(made: Record, reader: Transaction, micro: Micro) -> Iterator[Anomaly]:
    """What is wrong with one read."""
    values = values_of(micro.value)
    if len(set(values)) < len(values):
        twice = next(value for value in values if values.count(value) > 1)
        yield anomaly("duplicate-elements", f"{shown(micro)} has {twice!r} twice", reader)
    for value in values:
        write = made.writes.get((micro.key, value))
        if write is None:
            yield anomaly("garbage-read", f"{shown(micro)}: nobody wrote {value!r} there", reader)
        else:
            yield from of_value(reader, micro, value, write, value == values[-1])


def of_value(
    reader: Transaction, micro: Micro, value: Any, write: Write, newest: bool
) -> Iterator[Anomaly]:
    """What is wrong with one value of a read; `newest` if it is the one that was written last."""
    writer = write.by
    if writer is reader:
        return
    if writer.operation.invoked > (reader.operation.returned or 0):
        yield anomaly(
            "garbage-read", f"{shown(micro)}, before {writer} asked to write it", reader, writer
        )
    if writer.fate is Fate.ABORTED:
        error = f"{writer}, which ended with error {writer.operation.error}"
        yield anomaly("G1a", f"{shown(micro)}: {value!r} is of {error}", reader, writer)
    elif newest and not write.last:
        last = [each.value for each in writer.writes() if each.key == micro.key][-1]
        said = f"{value!r} is of {writer}, which then wrote {last!r}"
        yield anomaly("G1b", f"{shown(micro)}: {said}", reader, writer)


def own_writes(made: Record, lists: bool) -> Iterator[Anomaly]:
    """Transactions that do not read what they wrote themselves, or read another value later."""
    for each in made.committed():
        wrote: dict[Any, list[Any]] = {}
        saw: dict[Any, Any] = {}
        to_come = {(micro.key, micro.value) for micro in each.writes()}
        for micro in each.micros:
            key = micro.key
            if micro.verb != READ:
                wrote.setdefault(key, []).append(micro.value)
                to_come.discard((key, micro.value))
                continue
            mine = wrote.get(key, [])
            values = list(values_of(micro.value))
            if any((key, value) in to_come for value in values):
                yield anomaly("garbage-read", f"{shown(micro)}, before it wrote that itself", each)
            if mine and not sees(values, mine, lists):
                said = f"{shown(micro)}, after it had written {mine[-1]!r} there itself"
                yield anomaly("own-write-unseen", said, each)
                continue
            base = values[: len(values) - len(mine)] if lists else values
            if key in saw and (lists or not mine) and saw[key] != base:
                said = f"{shown(micro)}, after it had read {gave(saw[key])}"
                yield anomaly("unrepeatable-read", said, each)
            saw[key] = base


def sees(values: list[Any], mine: list[Any], lists: bool) -> bool:
    """Whether a read shows what its transaction wrote before; in a list, all of it and in order."""
    if not lists:
        return values == mine[-1:]
    own = set(mine)
    return [value for value in values if value in own] == mine


def shown(micro: Micro) -> str:
    """A read in words."""
    return f"read {gave(micro.value)} in {micro.key}"


def anomaly(name: str, said: str, reader: Transaction, *others: Transaction) -> Anomaly:
    """What one transaction did, as an anomaly."""
    found = sorted({each.number: each.operation for each in (reader, *others)}.items())
    return Anomaly(name, f"{reader} {said}", tuple(operation for _, operation in found))
