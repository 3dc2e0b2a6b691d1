"""A cycle of transactions, found by the checker: who depends on whom, and why.

    cycle([txn("A", ("append", "x", 1), ("append", "y", 1)), ...], "read-uncommitted", "Both at once")

Its picture is that of a failure: see `autograder.report.cycle`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograder.checkers import Operation
from autograder.checkers.transactions import judge_transactions
from autograder.checkers.transactions.transaction import READ
from autograder.report.cycle import CSS, MOST, cycle_figure, in_words
from book.figures.page import Figure, assets, text
from labs.node.errors import RPCError


def txn(
    client: str,
    *micros: tuple[str, Any, Any],
    at: tuple[float, float | None] = (0, 10),
    error: type[RPCError] | None = None,
) -> Operation:
    """One transaction of a history: its client, what it did, from when to when in milliseconds.

    Reads stand with what they gave: `txn("A", ("r", "x", [1]), ("append", "y", 2))`. With `error` it was
    refused, and then what its reads gave is not known.
    """
    begin, end = at
    asked = tuple((verb, key, None if verb == READ else value) for verb, key, value in micros)
    returned = None if end is None else round(end * 1000)
    known = returned is not None and error is None
    return Operation(
        client=client,
        name="txn",
        args=asked,
        invoked=round(begin * 1000),
        returned=returned,
        result=[list(micro) for micro in micros] if known else None,
        error=None if error is None else error.code,
    )


def on_used_keys(history: Iterable[Operation]) -> list[Operation]:
    """The same history, of committed transactions on lists, on keys to which a first one appended 0."""
    done = [(each.client, each.result) for each in history]
    keys = sorted({key for _, micros in done for _, key, _ in micros})
    first = txn("S", *(("append", key, 0) for key in keys), at=(0, 1))
    micros = {
        client: [(v, key, [0, *value] if v == READ else value) for v, key, value in done_there]
        for client, done_there in done
    }
    return [first, *(txn(client, *of, at=(2, 12)) for client, of in micros.items())]


def as_registers(history: Iterable[Operation]) -> list[Operation]:
    """The same history, of committed transactions on lists, as registers would have shown it."""
    return [
        txn(
            each.client,
            *(
                (v, key, value[-1]) if v == READ else ("w", key, value)
                for v, key, value in each.result
            ),
            at=(each.invoked / 1000, (each.returned or 0) / 1000),
        )
        for each in history
    ]


def cycle(history: Iterable[Operation], model: str, title: str) -> Figure:
    """The cycle of a history that a consistency model forbids, with the checker's sentence.

    Raises `ValueError` if no cycle is what the checker tells of, or it is too long for a picture.
    """
    operations = [each for each in history if each.name == "txn"]
    appends = all(verb != "w" for each in operations for verb, _, _ in each.args)
    finding, _ = judge_transactions(operations, model, appends)
    if not 0 < len(finding.cycle) <= MOST:
        raise ValueError(f"no cycle for a picture: {finding.sentence or 'PASS'}")
    return Figure(
        f'<figure class="book-figure book-cycle" role="group" aria-label="{text(title)}">'
        f'<p class="figure-title">{text(title)}</p>{cycle_figure(finding.cycle, title)}'
        f'<p class="cycle-said">{text(finding.sentence)}</p></figure>',
        f"{title}\n  {in_words(finding.cycle)}\n{finding.sentence}",
        (*assets(), f"<style>{CSS}</style>"),
    )
