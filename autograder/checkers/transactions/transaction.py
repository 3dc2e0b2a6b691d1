"""A transaction of a history, and whether its reply has the right shape."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograder.checkers.calls import is_open
from autograder.checkers.finding import Dependency, InvalidHistory
from autograder.checkers.history import Operation, short

READ, APPEND, WRITE = "r", "append", "w"


class Micro(NamedTuple):
    """One operation of a transaction: on a key, with what it writes or has read."""

    verb: str
    key: Any
    value: Any


class Fate(enum.Enum):
    """What became of a transaction. An open one may have been committed or not."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    OPEN = "open"


class Anomaly(NamedTuple):
    """Something that some model forbids, in a sentence, and the operations that show it."""

    name: str
    sentence: str
    evidence: tuple[Operation, ...]
    cycle: tuple[Dependency, ...] = ()


@dataclass(eq=False, slots=True)
class Transaction:
    """A transaction; `number` is its place among those of the history.

    `micros` are its operations as they were answered, or asked if it is not known to be committed.
    """

    number: int
    operation: Operation
    fate: Fate
    micros: tuple[Micro, ...]

    def writes(self) -> Iterator[Micro]:
        """What it writes, in its own order."""
        return (micro for micro in self.micros if micro.verb != READ)

    def __str__(self) -> str:
        return f"T{self.number} of {self.operation.client}"


class Write(NamedTuple):
    """Who wrote a value, and whether it was that transaction's last one to the key."""

    by: Transaction
    last: bool


@dataclass(eq=False, slots=True)
class Record:
    """All transactions of a history, and who wrote what."""

    transactions: list[Transaction]
    writes: dict[tuple[Any, Any], Write] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)  # numbers of those that count as committed

    def committed(self) -> Iterator[Transaction]:
        """Those that were committed for sure."""
        return (each for each in self.transactions if each.fate is Fate.COMMITTED)

    def writer(self, key: Any, value: Any) -> Transaction | None:
        """The member that wrote a value to a key; None for what no member wrote."""
        write = self.writes.get((key, value))
        return write.by if write is not None and write.by.number in self.members else None


def record(history: Iterable[Operation], open_count: bool) -> Record:
    """The transactions of a history; raises `InvalidHistory` if two write the same value to a key.

    Where `open_count`, an open transaction of which a committed one has read counts as committed.
    """
    asked = (each for each in history if each.name == "txn")
    made = Record([transaction(n, each) for n, each in enumerate(asked)])
    for each in made.transactions:
        note_writes(made, each)
    made.members = {each.number for each in made.committed()}
    if open_count:
        made.members |= observed(made)
    return made


def transaction(number: int, operation: Operation) -> Transaction:
    """An operation of a history as a transaction; a committed one is as its reply says."""
    fate = Fate.COMMITTED
    if is_open(operation):
        fate = Fate.OPEN
    elif operation.error is not None:
        fate = Fate.ABORTED
    told = operation.result if fate is Fate.COMMITTED else operation.args
    return Transaction(number, operation, fate, tuple(Micro(*each) for each in told))


def note_writes(made: Record, each: Transaction) -> None:
    """Note who wrote what."""
    last = {micro.key: micro.value for micro in each.writes()}
    for micro in each.writes():
        name = micro.key, micro.value
        if name in made.writes:
            raise InvalidHistory(f"{each.operation} writes what was written to this key before")
        made.writes[name] = Write(each, last[micro.key] == micro.value)


def observed(made: Record) -> set[int]:
    """The numbers of the open transactions of which a committed one has read something."""
    found = set()
    for each in made.committed():
        for micro in each.micros:
            if micro.verb == READ:
                for value in values_of(micro.value):
                    write = made.writes.get((micro.key, value))
                    if write is not None and write.by.fate is Fate.OPEN:
                        found.add(write.by.number)
    return found


def values_of(read: Any) -> Sequence[Any]:
    """The values that a read shows: those of a list, or of a register, if there is any."""
    if read is None:
        return ()
    return read if isinstance(read, list | tuple) else (read,)


def gave(read: Any) -> str:
    """What a read gave, in words."""
    return "nothing" if read is None or read == [] else short(read)


def misshapen(operation: Operation, lists: bool) -> str:
    """Why a reply is not the transaction that was asked, with its reads filled in; empty if it is."""
    asked, told = operation.args, operation.result
    if not isinstance(told, list | tuple) or len(told) != len(asked):
        count = f"{len(told)} operations" if isinstance(told, list | tuple) else "none"
        return f"{len(asked)} operations were asked, and the reply has {count}"
    for place, (want, got) in enumerate(zip(asked, told, strict=True), start=1):
        if not isinstance(got, list | tuple) or len(got) != 3:
            return f"operation {place} of the reply is {short(got)}"
        if tuple(got[:2]) != tuple(want[:2]) or (want[0] != READ and got[2] != want[2]):
            return f"operation {place} was {list(want)}, and in the reply it is {short(list(got))}"
        if want[0] == READ and not fits(got[2], lists):
            return f"operation {place} of the reply reads {short(got[2])}"
    return ""


def fits(value: Any, lists: bool) -> bool:
    """Whether a value can be what a read gives."""
    return value is None or isinstance(value, list | tuple) is lists
