"""Whether a history of transactions is as its consistency model demands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from autograder.checkers.finding import Finding, Judgement
from autograder.checkers.history import Operation
from autograder.checkers.transactions import (
    converged,
    cycles,
    lists,
    observed,
    order,
    registers,
    words,
)
from autograder.checkers.transactions.graph import Graph
from autograder.checkers.transactions.levels import ANOMALIES, LEVELS, Level
from autograder.checkers.transactions.transaction import Anomaly, Fate, Record, record
from autograder.checkers.transactions.updates import lost_updates
from autograder.verdict import Verdict


def judge_transactions(
    history: Iterable[Operation], model: str, appends: bool, quiet: int | None = None
) -> Judgement:
    """Whether the operations `txn` of a history are as `model` demands, one of `LEVELS`.

    Their arguments are operations `["r", key, None]`, and `["append", key, value]` if the values are lists
    (`appends`), else `["w", key, value]`. A result is the same with the reads filled in. No value is
    written to a key twice. Of a transaction without an answer, or with an indefinite error, it is not known
    whether it was committed; where aborted reads are forbidden, it was if a committed one has read of it.
    With `quiet`, in microseconds, the nodes promise to agree in what is asked from then on.

    Names all anomalies that the model forbids, and tells of the one that the fewest operations show. What
    it finds is there: no order of the transactions that fits the model is without it.
    """
    operations, level = list(history), LEVELS[model]
    found = list(observed.malformed(operations, appends))
    figures: dict[str, Any] = {}
    if not found:
        made = record(operations, "G1a" in level.forbids)
        found = [
            each for each in anomalies(made, level, appends, quiet) if is_forbidden(each, level)
        ]
        figures = counts(made)
    found.sort(key=lambda each: rank(each.name))
    figures["anomaly-types"] = list(dict.fromkeys(each.name for each in found))
    if not found:
        return Judgement(Finding(Verdict.PASS), figures)
    clearest = min(found, key=lambda each: len(each.evidence))  # of several, the worst
    sentence = words.forbidden(clearest, level)
    finding = Finding(Verdict.FAIL, sentence, clearest.evidence, cycle=clearest.cycle)
    return Judgement(finding, figures)


def anomalies(made: Record, level: Level, appends: bool, quiet: int | None) -> Iterator[Anomaly]:
    """All anomalies that can be seen, some of which the model may allow."""
    yield from observed.suspicious(made)
    yield from observed.own_writes(made, appends)
    yield from lost_updates(made)
    last = converged.last_reads(made, quiet) if quiet is not None else {}
    if quiet is not None:
        yield from converged.unanswered(made, quiet)
        yield from converged.diverged(last)
        yield from converged.lost(made, last, appends)
    graph = Graph()
    if appends:
        yield from lists.infer(made, level, graph)
    else:
        yield from registers.infer(made, level, graph, converged.youngest(last))
    order.in_order(made, level.order, graph)
    for name, cycle in cycles.find(graph, level).items():
        yield words.anomaly(name, cycle, made, appends)


def bare(name: str) -> str:
    """An anomaly's name without the order that it needs."""
    return name.removesuffix("-process").removesuffix("-realtime")


def is_forbidden(found: Anomaly, level: Level) -> bool:
    """Whether a model forbids an anomaly."""
    return bare(found.name) in level.forbids


def rank(name: str) -> tuple[bool, int, str]:
    """The place of an anomaly: the worst first, and those that need an order of time behind the others."""
    return bare(name) != name, list(ANOMALIES).index(bare(name)), name


def counts(made: Record) -> dict[str, Any]:
    """How many transactions there were, by what became of them."""
    fates = [each.fate for each in made.transactions]
    return {
        "transaction-count": len(fates),
        **{f"{fate.value}-count": fates.count(fate) for fate in Fate},
    }
