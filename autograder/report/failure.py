"""Pictures of failures, drawn where the tests run and kept in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.report.page import HELD, pictured
from autograder.report.picture import Scene, draw
from autograder.run import Outcome
from autograder.verdict import LabVerdict, TestVerdict


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
        cycle=outcome.cycle,
    )


def keep_page(folder: Path, lab: str, verdict: TestVerdict, outcome: Outcome) -> Path:
    """Draw a failure as a page of its own; the file that holds it."""
    return keep(folder, lab, verdict.name, draw(scene_of(verdict, outcome)).page())


def keep_figure(folder: Path, lab: str, verdict: TestVerdict, outcome: Outcome) -> None:
    """Draw a failure for a page that holds many: see `figures_in` and `drawings_in`."""
    picture = draw(scene_of(verdict, outcome), HELD)
    keep(folder, lab, verdict.name, picture.figure())
    keep(folder, lab, verdict.name, picture.svg(words=False), "svg")


def keep(folder: Path, lab: str, test: str, text: str, suffix: str = "html") -> Path:
    """Write one file of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lab}.{test}.{suffix}"
    path.write_text(text, encoding="utf-8")
    return path


def figures_in(folder: Path) -> Mapping[tuple[str, str], str]:
    """What `keep_figure` has left in a folder, by lab and test: pieces of HTML."""
    return kept(folder, "html")


def drawings_in(folder: Path) -> Mapping[tuple[str, str], str]:
    """The same as static pictures, each an SVG that is complete by itself."""
    return kept(folder, "svg")


def keep_few(folder: Path, lab: LabVerdict) -> None:
    """Remove from a folder of one lab's figures all that a page with little room does not show."""
    drawn = {path.stem.partition(".")[2] for path in folder.glob("*.html")}
    few = {f"{lab.lab}.{test.name}.html" for test in pictured(lab.tests, drawn)}
    for path in folder.iterdir():
        if path.name not in few:
            path.unlink()


def kept(folder: Path, suffix: str) -> Mapping[tuple[str, str], str]:
    """The files of one kind, by lab and test."""
    found = {}
    for path in folder.glob(f"*.{suffix}"):
        lab, _, test = path.stem.partition(".")
        found[lab, test] = path.read_text(encoding="utf-8")
    return found
