"""What a check found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograder.checkers.history import Operation
from autograder.verdict import Verdict


class InvalidHistory(ValueError):
    """The history cannot have been recorded like this, whatever the program did; says why."""


class Dependency(NamedTuple):
    """A step of a cycle: this operation, which sentences call `name`, comes before that of the next step.

    `kind` says why: one of ww, wr, rw, process, realtime (see `transactions.graph`); `key` is the one that
    both used, or None.
    """

    operation: Operation
    name: str
    kind: str
    key: Any = None


@dataclass(frozen=True)
class Finding:
    """The verdict on a history.

    `sentence` says why it is no pass, and is empty if it is one. `evidence` are operations that contradict
    the model and each other, in order of time: all others may have happened at any time or never, and
    the history would still be wrong. If a decider for the data type knew, without any one of these it
    would not; if the search had to decide, some may be left that it would be wrong without. `states` is how
    many the search visited, over all parts; 0 if deciders knew. `cycle` is that of the dependencies, if one
    is what is wrong; its last step leads to its first.
    """

    verdict: Verdict
    sentence: str = ""
    evidence: tuple[Operation, ...] = ()
    states: int = 0
    cycle: tuple[Dependency, ...] = ()


class Judgement(NamedTuple):
    """A finding, and figures that were measured on the way, by their names."""

    finding: Finding
    figures: Mapping[str, Any] = {}
