"""What is said in the cells of a graded notebook, in HTML that runs no script and asks no network."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping

from autograder.course.one import Result, Status
from autograder.nbgrading.inert import entities
from autograder.report.figure import CSS, finding, heading
from autograder.report.page import NAME, failures, pictured, table
from autograder.report.terminal import confinement
from autograder.report.text import SENTENCE, attributes, escaped, line
from autograder.secret import NO_SECRET
from autograder.verdict import LabVerdict, TestVerdict, Verdict

STYLE = f"<style>{CSS}</style>"


def cell_page(name: str, tests: list[TestVerdict], drawings: Mapping[str, str]) -> str:
    """The output of a graded cell: the table of its tests, and for each failure what broke and how.

    `drawings` are SVGs by test. An image runs no script; the class keeps formulas from being looked for.
    """
    points, most = sum(test.points for test in tests), sum(test.max_points for test in tests)
    part = LabVerdict(name, points, most, tests)
    pictures = {(name, test.name): picture(test, drawings) for test in pictured(tests, drawings)}
    return (
        f'{STYLE}<div class="tex2jax_ignore">{table(part)}{undecided_note(tests)}'
        f"{failures(part, pictures)}</div>"
    )


def picture(test: TestVerdict, drawings: Mapping[str, str]) -> str:
    """One failure, in words and as an image."""
    data = base64.b64encode(drawings[test.name].encode()).decode()
    image = attributes(
        src=f"data:image/svg+xml;base64,{data}",
        alt=f"Picture of {line(test.name, NAME)}",
        style="max-width: 100%",
    )
    return (
        f'<div class="run-picture">{heading(test.verdict, line(test.name, NAME))}'
        f"{finding(test.promise, test.evidence, test.command)}<img{image}></div>"
    )


def undecided_note(tests: list[TestVerdict]) -> str:
    """What is said of tests without a verdict."""
    points = sum(test.max_points for test in tests if test.verdict is Verdict.UNKNOWN)
    if not points:
        return ""
    return f"<p><b>{points} points are undecided.</b> That is not your fault: your instructor decides.</p>"


def unknown_cell(id: str) -> str:
    """The output of a graded cell that no suite stands for."""
    return (
        f"<p><code>{escaped(line(id, NAME))}</code> belongs to no module of the lab's suite, and no kernel "
        "runs here: an instructor grades it by hand.</p>"
    )


def account(result: Result) -> str:
    """What was handed in, what was odd about it, and how it was graded: a cell of Markdown."""
    rests_on = result.grade.provenance
    files = [f"{file}, SHA-256 {digest}" for file, digest in sorted(rests_on.files.items())]
    sections = [
        ("What was found in your hand-in", result.findings),
        ("Problems", [*result.grade.problems, *stopped(result)]),
        ("Files that were graded", files),
        ("How", list(filter(None, [confinement(rests_on.sandbox), versions(result)]))),
    ]
    said = "".join(section(title, items) for title, items in sections if items)
    return f"<div><h2>Your hand-in</h2>{said}</div>"


def section(title: str, items: Iterable[str]) -> str:
    """A list of sentences; they hold names that a student chose."""
    rows = "".join(f"<li>{entities(line(item, SENTENCE))}</li>" for item in items)
    return f"<h3>{entities(title)}</h3><ul>{rows}</ul>"


def stopped(result: Result) -> list[str]:
    """Why a grading came to no end, for the student; the rest is the instructor's to read."""
    if result.status is Status.OVERTIME:
        return ["The grading took too long and was stopped; your instructor has been told."]
    if result.status is Status.FAULT:
        return ["The grading failed. That is not your fault; your instructor has been told."]
    return []


def versions(result: Result) -> str:
    """What graded."""
    rests_on = result.grade.provenance
    public = result.secret == NO_SECRET
    seeds = "seeds that all know" if public else f"seeds of the secret {result.secret}"
    return f"suite {rests_on.suite}, Python {rests_on.python}, {seeds}" if rests_on.suite else ""
