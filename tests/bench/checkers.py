"""How fast histories are judged, and with how much memory.

Seconds are of the processor: a check waits for nothing. Those of a wrong history include its evidence.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from autograder.checkers import Counter, KeyValue, Lock, Model, Operation, VersionedStore, check
from autograder.verdict import Verdict
from tests.bench.rows import Row, at_least, at_most
from tests.checkers import large

CLIENTS = 20
FEW, MANY = 100_000, 1_000_000  # operations on one key

Make = Callable[[int, int, bool], list[Operation]]


class Kind(NamedTuple):
    """A data type with a decider: how its histories are made, and seconds for the fewer operations."""

    name: str
    model: Model
    make: Make
    seconds: float


KINDS = (
    Kind("versioned store", VersionedStore, large.versions, 0.3),
    Kind("lock", Lock, large.tenures, 0.6),
    Kind("unique appends", KeyValue, large.appends, 0.6),
    Kind("counter", Counter, large.increments, 0.6),
)


def measure(quick: bool) -> list[Row]:
    """Rows for the deciders, the search and their memory."""
    sizes = (FEW,) if quick else (FEW, MANY)
    return [
        searched(quick),
        memory(quick),
        *(decided(kind, n, right) for n in sizes for kind in KINDS for right in (True, False)),
    ]


def decided(kind: Kind, number: int, right: bool) -> Row:
    """Seconds to decide a history of one kind."""
    history = kind.make(number, CLIENTS, right)
    wanted = Verdict.PASS if right else Verdict.FAIL
    seconds = median(judge(history, kind.model, wanted) for _ in range(3))
    what = f"{kind.name}, {number:,} operations, {'right' if right else 'wrong'}"
    note = f"one key, {CLIENTS} clients"
    return Row(what, seconds, "s", at_most(kind.seconds * number / FEW), note)


def searched(quick: bool) -> Row:
    """Operations a second of the search, on many keys of few values each."""
    number = 20_000 if quick else FEW
    history = large.values(number, 5, keys=10)
    seconds = median(judge(history, KeyValue, Verdict.PASS, search=True) for _ in range(3))
    note = f"{number:,} operations, 10 keys, 5 clients"
    return Row("search, easy history", number / seconds, "operations/s", at_least(200_000), note)


def memory(quick: bool) -> Row:
    """How much more memory ten times the operations take, in a search and in a decider."""
    few = 5_000 if quick else 50_000
    decider = [peak(large.versions(number, CLIENTS), VersionedStore) for number in (few, 10 * few)]
    search = [peak(large.values(number, 5, keys=10), KeyValue) for number in (few, 10 * few)]
    worse = max(most / least for least, most in (decider, search))
    note = f"{few:,} and {10 * few:,} operations, the worse of decider and search"
    return Row("memory for ten times the operations", worse, "times", at_most(12), note)


def judge(history: list[Operation], model: Model, wanted: Verdict, search: bool = False) -> float:
    """Seconds that a check takes; raises if it is wrong, or if it was not by search or not by a decider."""
    began = time.process_time()
    found = check(history, model)
    seconds = time.process_time() - began
    if found.verdict is not wanted or bool(found.states) != search:
        raise RuntimeError(f"a {model.name} was judged wrongly: {found.verdict}, {found.sentence}")
    return seconds


def peak(history: list[Operation], model: Model) -> int:
    """The bytes that a check needs at most, beside the history."""
    tracemalloc.start()
    try:
        check(history, model)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
