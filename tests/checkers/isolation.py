"""Isolation by its definitions, tried out over all possibilities: slow, and plainly right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, permutations, product
from typing import Any

from autograder.checkers import Operation
from autograder.checkers.transactions.levels import LEVELS
from autograder.checkers.transactions.transaction import Fate, Transaction, transaction, values_of
from tests.checkers.transactions import execute

Pair = tuple[int, int]


def is_serializable(history: Sequence[Operation], realtime: bool) -> bool:
    """Whether some order of the transactions, one after the other, gives all replies."""
    all_of = [transaction(n, each) for n, each in enumerate(history)]
    for happened in choices(all_of):
        for order in permutations(happened):
            if (not realtime or keeps_time(order)) and gives_replies(order):
                return True
    return False


def choices(all_of: Sequence[Transaction]) -> Iterator[list[Transaction]]:
    """All choices of open transactions that happened, with those that did for sure."""
    sure = [each for each in all_of if each.fate is Fate.COMMITTED]
    maybe = [each for each in all_of if each.fate is Fate.OPEN]
    for number in range(len(maybe) + 1):
        for some in combinations(maybe, number):
            yield [*sure, *some]


def keeps_time(order: Sequence[Transaction]) -> bool:
    """Whether none stands behind one that began after it had ended."""
    return not any(precedes(b, a) for a, b in combinations(order, 2))


def precedes(a: Transaction, b: Transaction) -> bool:
    """Whether one had ended before another began; a client asks one after the other."""
    one, other = a.operation, b.operation
    if one.client == other.client:
        return a.number < b.number
    return one.returned is not None and a.fate is Fate.COMMITTED and one.returned < other.invoked


def gives_replies(order: Iterable[Transaction]) -> bool:
    """Whether transactions, done in this order, read what they did."""
    state: dict[Any, Any] = {}
    for each in order:
        done = execute(state, [m if m[0] != "r" else ("r", m[1], None) for m in each.micros])
        if each.fate is Fate.COMMITTED and not same(done, each.micros):
            return False
    return True


def same(done: Sequence[Sequence[Any]], told: Sequence[Sequence[Any]]) -> bool:
    """Whether two replies are the same; an empty list may be null."""
    return all((a[2] or None) == (b[2] or None) for a, b in zip(done, told, strict=True))


def from_the_future(history: Sequence[Operation]) -> bool:
    """Whether a read had ended before what it shows was asked for, which no model allows."""
    all_of = [transaction(n, each) for n, each in enumerate(history)]
    asked = {
        (micro.key, micro.value): each.operation.invoked
        for each in all_of
        for micro in each.writes()
    }
    return any(
        asked.get((micro.key, value), 0) > (each.operation.returned or 0)
        for each in all_of
        if each.fate is Fate.COMMITTED
        for micro in each.micros
        if micro.verb == "r"
        for value in values_of(micro.value)
    )


# --- registers, by Adya's definitions ---------------------------------------------------------------


def is_allowed(history: Sequence[Operation], model: str) -> bool:
    """Whether registers can have been so: some order of the versions has no cycle that is forbidden."""
    all_of = [transaction(n, each) for n, each in enumerate(history)]
    level = LEVELS[model]
    if not all(reads_own(each) for each in all_of if each.fate is Fate.COMMITTED):
        return False
    return any(
        fits(happened, orders, level.forbids, level.order)
        for happened in choices(all_of)
        for orders in version_orders(happened)
        if "G1a" not in level.forbids or reads_finals(happened)
    )


def reads_own(each: Transaction) -> bool:
    """Whether a transaction reads what it wrote, and nothing that it has yet to write."""
    state: dict[Any, Any] = {}
    to_come = {(micro.key, micro.value) for micro in each.writes()}
    for verb, key, value in each.micros:
        if verb == "w":
            state[key] = value
            to_come.discard((key, value))
        elif state.get(key, value) != value or (key, value) in to_come:
            return False
    return True


def finals(each: Transaction) -> dict[Any, Any]:
    """What a transaction leaves behind."""
    return {micro.key: micro.value for micro in each.writes()}


def externals(each: Transaction) -> list[tuple[Any, Any]]:
    """What a committed transaction read of others."""
    wrote, found = set(), []
    for verb, key, value in each.micros:
        if verb == "w":
            wrote.add(key)
        elif key not in wrote and each.fate is Fate.COMMITTED:
            found.append((key, value))
    return found


def reads_finals(happened: Sequence[Transaction]) -> bool:
    """Whether all reads are of what committed transactions left behind: neither G1a nor G1b."""
    there = {item for each in happened for item in finals(each).items()}
    return all(
        value is None or (key, value) in there
        for each in happened
        for key, value in externals(each)
    )


def version_orders(happened: Sequence[Transaction]) -> Iterator[dict[Any, tuple[Any, ...]]]:
    """All orders of the versions of all keys."""
    values: dict[Any, list[Any]] = {}
    for each in happened:
        for key, value in finals(each).items():
            values.setdefault(key, []).append(value)
    for orders in product(*(permutations(some) for some in values.values())):
        yield dict(zip(values, orders, strict=True))


def fits(
    happened: Sequence[Transaction],
    orders: dict[Any, tuple[Any, ...]],
    forbids: frozenset[str],
    order: str,
) -> bool:
    """Whether no cycle is there that is forbidden."""
    writer = {item: each.number for each in happened for item in finals(each).items()}
    ww, wr, rw = set(), set(), set()
    for key, values in orders.items():
        ww |= {(writer[key, a], writer[key, b]) for a, b in combinations(values, 2)}
    for each in happened:
        for key, value in externals(each):
            values = orders.get(key, ())
            if value in values:
                wr.add((writer[key, value], each.number))
            behind = values[values.index(value) + 1 :] if value in values else values
            if value is None or value in values:
                rw |= {(each.number, writer[key, after]) for after in behind}
    ww, wr, rw = ({(a, b) for a, b in pairs if a != b} for pairs in (ww, wr, rw))
    times = {
        (a.number, b.number)
        for a in happened
        for b in happened
        if a is not b and order == "realtime" and precedes(a, b)
    }
    if "G2" in forbids:
        return acyclic(ww | wr | rw | times)
    if "G-nonadjacent" in forbids:
        base = ww | wr | times
        steady = all(
            len({v for k, v in externals(e) if k == key}) == 1
            for e in happened
            for key, _ in externals(e)
        )
        return steady and acyclic(base | {(a, d) for a, b in base for c, d in rw if b == c})
    return acyclic(ww | wr) if "G1c" in forbids else acyclic(ww)


def acyclic(pairs: set[Pair]) -> bool:
    """Whether no way along some pairs leads back."""
    reached = set(pairs)
    while True:
        if any(a == b for a, b in reached):
            return False
        more = {(a, d) for a, b in reached for c, d in pairs if b == c} - reached
        if not more:
            return True
        reached |= more
