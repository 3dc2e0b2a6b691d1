"""Pictures of failures, drawn where the tests run and kept in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.report.page import HELD
from autograder.report.picture import Scene, draw
from autograder.run import Outcome
from autograder.verdict import TestVerdict


def scene_of(verdict: TestVerdict, outcome: Outcome) -> Scene:
    """The run that a verdict shows."""
    return Scene(
        title=verdict.name,
        promise=verdict.promise,
        seen=verdict.evidence,
        command=verdict.command,
        verdict=verdict.verdict,
        events=outcome.trace.events,
        operations=list(outcome.history),
        evidence=outcome.evidence,
    )


def keep_page(folder: Path, lab: str, verdict: TestVerdict, outcome: Outcome) -> Path:
    """Draw a failure as a page of its own; the file that holds it."""
    return keep(folder, lab, verdict.name, draw(scene_of(verdict, outcome)).page())


def keep_figure(folder: Path, lab: str, verdict: TestVerdict, outcome: Outcome) -> None:
    """Draw a failure for a page that holds many: see `figures_in`."""
    keep(folder, lab, verdict.name, draw(scene_of(verdict, outcome), HELD).figure())


def keep(folder: Path, lab: str, test: str, text: str) -> Path:
    """Write one file of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lab}.{test}.html"
    path.write_text(text, encoding="utf-8")
    return path


def figures_in(folder: Path) -> Mapping[tuple[str, str], str]:
    """What `keep_figure` has left in a folder, by lab and test."""
    found = {}
    for path in folder.glob("*.html"):
        lab, _, test = path.stem.partition(".")
        found[lab, test] = path.read_text(encoding="utf-8")
    return found
