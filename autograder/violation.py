"""A guarantee was broken, and these operations show it."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.checkers import Model, Operation, check
from autograder.checkers.finding import Dependency
from autograder.cluster.errors import HarnessFault
from autograder.verdict import Verdict


class Violation(AssertionError):
    """What was seen, in a sentence, and the operations that contradict each other."""

    def __init__(
        self, sentence: str, evidence: Iterable[Operation], cycle: Iterable[Dependency] = ()
    ) -> None:
        super().__init__(sentence)
        self.evidence = tuple(evidence)
        self.cycle = tuple(cycle)


def assert_linearizable(history: Iterable[Operation], model: Model) -> None:
    """Raise `Violation` unless the history fits the model.

    (Herlihy and Wing, Linearizability, TOPLAS 1990.)
    """
    finding = check(history, model)
    if finding.verdict is Verdict.FAIL:
        raise Violation(finding.sentence, finding.evidence)
    if finding.verdict is Verdict.UNKNOWN:
        raise HarnessFault(f"whether the history is linearizable is undecided: {finding.sentence}")
