"""Whether a history fits a model."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.checkers.calls import Part
from autograder.checkers.deciders.conflict import Conflict, DoesNotApply
from autograder.checkers.evidence import smallest
from autograder.checkers.finding import Finding, InvalidHistory
from autograder.checkers.history import Operation
from autograder.checkers.model import Model
from autograder.checkers.search import Result, search
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
    visited, undecided = 0, False
    for part in parts(line, model):
        conflict, result = decide(part, model, budget - visited)
        visited += result.visited
        if result.verdict is Verdict.FAIL:
            evidence = smallest(part, model, conflict, result)
            return Finding(Verdict.FAIL, sentence(evidence, model), evidence, visited)
        undecided |= result.verdict is Verdict.UNKNOWN
    if undecided:
        return Finding(
            Verdict.UNKNOWN, f"undecided after {visited:,} states of the search", (), visited
        )
    return Finding(Verdict.PASS, states=visited)


def decide(part: Part, model: Model, budget: int) -> tuple[Conflict | None, Result]:
    """What a decider found in a part, and the verdict, from a search if there is none."""
    if model.decide is not None:
        try:
            conflict = model.decide(part)
        except DoesNotApply:
            pass
        else:
            return conflict, Result(Verdict.FAIL if conflict else Verdict.PASS, 0, 0)
    return None, search(part, model, budget)


def parts(line: Timeline, model: Model) -> list[Part]:
    """The independent parts of a history; raises `InvalidHistory` for what the model does not have."""
    known, keyed = model.operations, model.keyed
    by_key: dict[object, list[int]] = {}
    for i, operation in enumerate(line.operations):
        args = operation.args
        try:
            hash(args)  # a state or a key may be made of them
        except TypeError:
            raise InvalidHistory(f"{operation} has arguments that can change") from None
        if known.get(operation.name) != len(args):
            raise InvalidHistory(f"a {model.name} has no operation {operation}")
        by_key.setdefault(args[0] if keyed else None, []).append(i)
    return [Part(line, places, []) for places in by_key.values()]
