"""Whether a history fits a model."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.checkers.calls import Part
from autograder.checkers.deciders.conflict import Conflict, DoesNotApply
from autograder.checkers.evidence import smallest
from autograder.checkers.finding import Finding, InvalidHistory
from autograder.checkers.history import Operation
from autograder.checkers.model import Model
from autograder.checkers.search import search
from autograder.checkers.sentences import sentence
from autograder.checkers.timeline import Timeline, timeline
from autograder.verdict import Verdict

STATES = 500_000  # that a search may visit, over all parts of a history


def check(history: Iterable[Operation], model: Model, budget: int = STATES) -> Finding:
    """Decide whether a history is linearizable; raises `InvalidHistory`.

    Herlihy and Wing, "Linearizability" (1990): each operation seems to take effect at one moment
    between its invocation and its response. One without a response, or with an indefinite error, may
    take effect at any later moment, or never; one with a definite error that the model gives no
    meaning never does. `budget` is how many states a search may visit.
    """
    line = timeline(history)
    refuse_unknown(line.operations, model)
    visited, undecided = 0, False
    for part in parts(line, model):
        verdict, conflict, states = decide(part, model, budget - visited)
        visited += states
        if verdict is Verdict.FAIL:
            evidence = smallest(part, model, conflict)
            return Finding(verdict, sentence(evidence, model), evidence, visited)
        undecided |= verdict is Verdict.UNKNOWN
    if undecided:
        return Finding(
            Verdict.UNKNOWN, f"undecided after {visited:,} states of the search", (), visited
        )
    return Finding(Verdict.PASS, states=visited)


def decide(part: Part, model: Model, budget: int) -> tuple[Verdict, Conflict | None, int]:
    """The verdict on a part, what a decider found, and how many states a search visited."""
    if model.decide is not None:
        try:
            conflict = model.decide(part)
        except DoesNotApply:
            pass
        else:
            return Verdict.FAIL if conflict else Verdict.PASS, conflict, 0
    verdict, states = search(part, model, budget)
    return verdict, None, states


def parts(line: Timeline, model: Model) -> list[Part]:
    """The independent parts of a history."""
    operations, _ = line
    if not model.keyed:
        return [Part(line, list(range(len(operations))), [])]
    by_key: dict[object, list[int]] = {}
    for i, operation in enumerate(operations):
        by_key.setdefault(operation.args[0], []).append(i)
    return [Part(line, places, []) for places in by_key.values()]


def refuse_unknown(operations: Iterable[Operation], model: Model) -> None:
    """Raise `InvalidHistory` for an operation that the model does not have."""
    known = model.operations
    for operation in operations:
        if known.get(operation.name) != len(operation.args):
            raise InvalidHistory(f"a {model.name} has no operation {operation}")
