"""What a check found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograder.checkers.history import Operation
from autograder.verdict import Verdict


class InvalidHistory(ValueError):
    """The history cannot have been recorded like this, whatever the program did; says why."""


@dataclass(frozen=True)
class Finding:
    """The verdict on a history.

    `sentence` says why it is no pass, and is empty if it is one. `evidence` are operations that contradict
    the model and each other, in order of time: all others may have happened at any time or never, and
    the history would still be wrong. If a decider for the data type knew, without any one of these it
    would not; if the search had to decide, some may be left that it would be wrong without. `states` is how
    many the search visited, over all parts; 0 if deciders knew.
    """

    verdict: Verdict
    sentence: str = ""
    evidence: tuple[Operation, ...] = ()
    states: int = 0


class Judgement(NamedTuple):
    """A finding, and figures that were measured on the way, by their names."""

    finding: Finding
    figures: Mapping[str, Any] = {}
