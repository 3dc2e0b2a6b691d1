"""Deciders against the search on random small histories.

`python -m tests.checkers.agreement [NUMBER] [SEED] [KIND]` compares so many of each kind, or of one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from autograder.checkers import Model, Operation
from autograder.checkers.calls import Part
from autograder.checkers.check import parts
from autograder.checkers.deciders.conflict import Conflict, DoesNotApply
from autograder.checkers.evidence import contradiction, shrink
from autograder.checkers.search import search
from autograder.checkers.timeline import timeline
from autograder.verdict import Verdict
from tests.checkers.generate import REQUESTS, Shape, history

DECIDED = tuple(name for name, (model, _) in REQUESTS.items() if model.decide is not None)
ENOUGH = 100_000  # states in which a search knows about any of these histories
LARGEST = 12  # operations of a history
PROVEN = 8  # operations of a history whose evidence is looked at, too


@dataclass
class Agreement:
    """What became of a comparison: how often which verdict was agreed on, and where there was none."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    left_to_search: int = 0
    disagreements: list[str] = field(default_factory=list)

    @property
    def compared(self) -> int:
        """On how many histories both had a verdict."""
        return sum(self.verdicts.values()) + len(self.disagreements)


def compare(name: str, number: int, seed: int, most: int = 10) -> Agreement:
    """Have the decider of a kind of histories, and the search, judge so many of them.

    Ends early after so many disagreements.
    """
    agreement = Agreement()
    for at in range(number):
        if len(agreement.disagreements) >= most:
            break
        random = Random(f"{seed} {name} {at}")
        model, made = history(random, name, Shape(random.randint(1, LARGEST)))
        for part in parts(timeline(made), model):
            compare_part(part, model, agreement)
    return agreement


def compare_part(part: Part, model: Model, agreement: Agreement) -> None:
    """Have both judge one part of a history."""
    assert model.decide is not None
    try:
        conflict = model.decide(part)
    except DoesNotApply:
        agreement.left_to_search += 1
        return
    verdict = Verdict.PASS if conflict is None else Verdict.FAIL
    right = search(part, model, ENOUGH).verdict
    if verdict is not right:
        why = f"the decider says {verdict.value}, the search {right.value}"
    elif conflict is not None and len(part.fixed) <= PROVEN:
        why = wrong_evidence(conflict, part, model)
    else:
        why = ""
    if why:
        agreement.disagreements.append(f"{why}\n{show(part.timeline.operations)}")
    else:
        agreement.verdicts[verdict] += 1


def wrong_evidence(conflict: Conflict, part: Part, model: Model) -> str:
    """Why the evidence in a conflict is not the smallest; empty if it is."""
    suspects = sorted(conflict.suspects)
    evidence = suspects if conflict.holds is None else sorted(shrink(suspects, conflict.holds))
    if contradiction(part, model, evidence, ENOUGH).verdict is not Verdict.FAIL:
        return f"{evidence} are no evidence"
    for one in evidence:
        kept = [i for i in evidence if i != one]
        if contradiction(part, model, kept, ENOUGH).verdict is Verdict.FAIL:
            return f"{evidence} are evidence without {one}"
    return ""


def show(operations: list[Operation]) -> str:
    """A history to look at, and to copy into a test."""
    return "\n".join(f"    {operation!r}," for operation in operations)


def main(arguments: list[str]) -> Iterator[str]:
    """Compare histories; yields lines to print."""
    number, seed, *kinds = arguments or ("1000", "1")
    for name in kinds or DECIDED:
        found = compare(name, int(number), int(seed))
        counts = ", ".join(f"{verdict.value} {n:,}" for verdict, n in found.verdicts.items())
        yield f"{name}: {counts}, left to the search {found.left_to_search:,}"
        yield from found.disagreements


if __name__ == "__main__":
    for line in main(sys.argv[1:]):
        print(line)
