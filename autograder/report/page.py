"""The report of a grade as one HTML page, which needs nothing else: no file, no network."""

from __future__ import annotations

from collections.abc import Container, Mapping

from autograder.report.figure import document, finding, heading
from autograder.report.terminal import confinement, grouped
from autograder.report.text import SENTENCE, attributes, escaped, line
from autograder.verdict import Grade, LabVerdict, TestVerdict, Verdict

HELD = 3_000  # for `draw(scene, HELD)`: of each picture, where a page has many
FEW = 6  # pictures, where there is little room; each has at most some 100 KB
NAME = 120  # characters
Pictures = Mapping[tuple[str, str], str]


def grade_page(grade: Grade, pictures: Pictures) -> str:
    """A grade with the pictures of its failures: by lab and test, what `Picture.figure` gives."""
    title = f"Grade of {line(grade.root, NAME)}"
    return document(
        title,
        f"<h1>{escaped(title)}</h1>"
        + "".join(problem(said) for said in grade.problems)
        + f'<ul class="run-summary">{"".join(map(summary, grade.labs))}</ul>'
        + "".join(failures(lab, pictures) for lab in grade.labs)
        + "".join(map(table, grade.labs))
        + f"<p>{escaped(confinement(grade.provenance.sandbox))}</p>",
    )


def problem(said: str) -> str:
    """Why a file cannot be run."""
    return f'<p class="run-problem"><b>problem</b> {escaped(line(said, SENTENCE))}</p>'


def summary(lab: LabVerdict) -> str:
    """The points of a lab, and the undecided ones apart."""
    undecided = sum(t.max_points for t in lab.tests if t.verdict is Verdict.UNKNOWN)
    apart = f", {undecided} undecided: our fault, please report it" if undecided else ""
    return f"<li><b>{escaped(lab.lab)}</b>: {lab.points} of {lab.max_points} points{apart}</li>"


def failures(lab: LabVerdict, pictures: Pictures) -> str:
    """The tests of a lab that did not pass; those that look alike are folded behind the first."""
    shown = "".join(failure(lab.lab, alike, pictures) for alike in grouped(lab.tests))
    return f"<h2>{escaped(lab.lab)}: what did not pass</h2>{shown}" if shown else ""


def pictured(tests: list[TestVerdict], drawn: Container[str]) -> list[TestVerdict]:
    """The failures to show as pictures where there is little room: of those that look alike the first."""
    firsts = [alike[0] for alike in grouped(tests)]
    return [test for test in firsts if test.name in drawn][:FEW]


def failure(lab: str, alike: list[TestVerdict], pictures: Pictures) -> str:
    """Tests that failed alike."""
    first, *others = (one_failure(lab, test, pictures) for test in alike)
    if not others:
        return first
    more = f"the same in {len(others)} more test{'' if len(others) == 1 else 's'}"
    return f'{first}<details class="run-alike"><summary>{more}</summary>{"".join(others)}</details>'


def one_failure(lab: str, test: TestVerdict, pictures: Pictures) -> str:
    """The picture of a failure; its words alone if there is none."""
    picture = pictures.get((lab, test.name)) or (
        f'<div class="run-picture">{heading(test.verdict, line(test.name, NAME))}'
        f"{finding(test.promise, test.evidence, test.command)}</div>"
    )
    return f"<section{attributes(id=anchor(lab, test))}>{picture}</section>"


def anchor(lab: str, test: TestVerdict) -> str:
    """Where a page shows a failure."""
    return line(f"{lab}.{test.name}", NAME)


def table(lab: LabVerdict) -> str:
    """The tests of a lab: points, verdict, promise."""
    rows = "".join(table_row(lab.lab, test) for test in lab.tests)
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("test", "points", "verdict", "promise")
    )
    return (
        f"<h2>{escaped(lab.lab)}: {lab.points} of {lab.max_points} points</h2>"
        f'<table class="run-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def table_row(lab: str, test: TestVerdict) -> str:
    """A test; one that did not pass leads to what was seen."""
    name = escaped(line(test.name.removeprefix("test_").replace("_", " "), NAME))
    if test.verdict is not Verdict.PASS:
        name = f"<a{attributes(href=f'#{anchor(lab, test)}')}>{name}</a>"
    verdict = test.verdict.value
    return (
        f'<tr><th scope="row">{name}</th><td>{test.points}/{test.max_points}</td>'
        f'<td><span class="run-verdict {verdict.lower()}">{verdict}</span></td>'
        f"<td>{escaped(line(test.promise, SENTENCE))}</td></tr>"
    )
