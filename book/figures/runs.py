"""Runs of little programs in a real cluster, shown as pictures."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path

from autograder.catalog import GIVEN
from autograder.report.figure import ASSETS
from autograder.report.picture import Picture, Scene, draw
from autograder.run import Outcome, Runner, Settings, Test
from autograder.verdict import Verdict
from book.figures.page import Figure

PROGRAMS = Path(__file__).resolve().parents[1] / "programs"


@dataclass(frozen=True)
class Run:
    """One run: in a cell it shows itself."""

    title: str
    promise: str
    outcome: Outcome

    @property
    def picture(self) -> Picture:
        """What happened in it."""
        found = self.outcome
        return draw(
            Scene(
                title=self.title,
                promise=self.promise,
                seen=found.seen,
                verdict=found.verdict,
                events=found.trace.events,
                operations=list(found.history),
                evidence=found.evidence,
                cycle=found.cycle,
            )
        )

    def must_pass(self) -> Run:
        """The same; raises `AssertionError` with what was seen, if the verdict is another."""
        assert self.outcome.verdict is Verdict.PASS, self.outcome.seen
        return self

    def __repr__(self) -> str:
        return f"{self.outcome.verdict.value} {self.title}\n{self.outcome.seen}".rstrip()

    def figure(self) -> Figure:
        """The picture, and what brings it to life."""
        return Figure(self.picture.figure(), repr(self), (ASSETS,))

    def _repr_html_(self) -> str:
        return self.figure()._repr_html_()


def run(scenario: Test, seed: int = 1, root: Path = PROGRAMS, host: str = "inline") -> Run:
    """Run a scenario, a coroutine that takes a cluster, on the programs of the book, or of another root.

    Its docstring is what it promises; a failed `assert` in it, or a checker, makes the verdict `FAIL`.
    """
    runner = Runner(Settings(root, GIVEN, host))
    try:
        outcome = runner.run_once(scenario, seed)
    finally:
        runner.close()
    title = scenario.__name__.replace("_", " ")
    return Run(title, inspect.getdoc(scenario) or "", outcome)
