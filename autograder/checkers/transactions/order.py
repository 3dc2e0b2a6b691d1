"""Who had ended before who began: among the transactions of one client, or among all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograder.checkers.transactions.graph import Edge, Graph, Kind, Reason
from autograder.checkers.transactions.levels import Order
from autograder.checkers.transactions.transaction import Fate, Record, Transaction


def in_order(made: Record, order: Order, graph: Graph) -> None:
    """Put the order of time into the graph."""
    members = [each for each in made.transactions if each.number in made.members]
    if order:
        for edge in by_client(members):
            graph.edges[Kind.PROCESS].setdefault(edge, Reason())
    if order == "realtime":
        for edge in by_time(members):
            graph.edges[Kind.REALTIME].setdefault(edge, Reason())


def preceding(transactions: Sequence[Transaction], order: Order) -> Iterator[Edge]:
    """Pairs of which the first precedes the second; all others follow from them."""
    if order:
        yield from by_client(transactions)
    if order == "realtime":
        yield from by_time(transactions)


def by_client(transactions: Iterable[Transaction]) -> Iterator[Edge]:
    """A client asks one thing after the other."""
    latest: dict[str, Transaction] = {}
    for each in transactions:
        before = latest.get(each.operation.client)
        if before is not None:
            yield before.number, each.number
        latest[each.operation.client] = each


def by_time(transactions: Sequence[Transaction]) -> Iterator[Edge]:
    """One had ended before the other began. What happens in the same microsecond is concurrent.

    `latest` are those that have ended, and before none other of them.
    """
    events = [(each.operation.invoked, 0, each.number) for each in transactions]
    events += [(ended(each), 1, each.number) for each in transactions if has_ended(each)]
    before: dict[int, dict[int, None]] = {}
    latest: dict[int, None] = {}
    for _, end, number in sorted(events):
        if end:
            for other in before.pop(number):
                latest.pop(other, None)
            latest[number] = None
        else:
            before[number] = dict(latest)
            for other in latest:
                yield other, number


def has_ended(each: Transaction) -> bool:
    """Whether a transaction is known to have ended: one without an answer may still happen."""
    return each.fate is Fate.COMMITTED


def ended(each: Transaction) -> int:
    """When it had ended, in microseconds."""
    assert each.operation.returned is not None
    return each.operation.returned
