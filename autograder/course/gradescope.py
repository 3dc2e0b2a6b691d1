"""Gradescope's way to be told: `results.json`, of one submission.

`python -m autograder.course.gradescope HOME` is what the package's `run_autograder` runs.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Literal

import msgspec

from autograder.catalog import LABS, REPOSITORY
from autograder.course.one import Result, grade_one
from autograder.course.settings import CourseSettings, apply
from autograder.course.store import writing
from autograder.course.terms import UNCONFINED, Refused
from autograder.report.terminal import confinement
from autograder.report.text import SEEN, SENTENCE, block, line
from autograder.verdict import TestVerdict, Verdict

PLAN, SECRET = "plan.json", "secret"  # in the package
Shown = Literal["visible", "hidden"]


class Plan(msgspec.Struct, frozen=True):
    """What a package grades, and how. Paths in the settings are relative to the package."""

    lab: str
    settings: CourseSettings


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One test, in Gradescope's words."""

    name: str
    number: str
    score: int
    max_score: int
    output: str
    visibility: Shown
    output_format: Literal["text"]
    name_format: Literal["text"]
    status: Literal["passed", "failed"] | None = None  # none if it is undecided


class Results(msgspec.Struct, frozen=True):
    """One submission, in Gradescope's words: the points are the sum of those of the tests."""

    score: int
    execution_time: float  # seconds
    output: str
    output_format: Literal["text"]
    visibility: Shown
    stdout_visibility: Shown
    extra_data: dict[str, str]
    tests: list[Entry]


def results_of(result: Result, settings: CourseSettings, sandbox: str, seconds: float) -> Results:
    """A result by the course's weights, in Gradescope's words."""
    grade = apply(settings, result.grade)
    (lab,) = grade.labs
    said = [*result.findings, *grade.problems]
    if result.undecided:
        said.append(
            "Some tests are undecided. That is not your fault: ask for them to be graded again."
        )
    if sandbox == UNCONFINED:
        said.append(confinement(sandbox))
    return Results(
        score=lab.points,
        execution_time=round(seconds, 3),
        output=block("\n".join(said), SEEN),
        output_format="text",
        visibility="visible",
        stdout_visibility="hidden",
        extra_data={
            "status": result.status.value,
            "trouble": result.trouble,
            "suite": grade.provenance.suite,
            "sandbox": sandbox,
            "secret": result.secret,
            "hand_in": result.hand_in,
        },
        tests=[entry(number, test) for number, test in enumerate(lab.tests, 1)],
    )


def entry(number: int, test: TestVerdict) -> Entry:
    """One test: what it promises and, if it did not pass, what was seen and what repeats that."""
    said = [f"promised: {line(test.promise, SENTENCE)}"]
    if test.verdict is not Verdict.PASS:
        said += [f"seen: {block(test.evidence, SEEN)}"]
        said += [f"repeat: {line(test.command, SENTENCE)}"] if test.command else []
    return Entry(
        name=line(test.name.removeprefix("test_").replace("_", " "), SENTENCE),
        number=str(number),
        score=test.points,
        max_score=test.max_points,
        output="\n".join(said),
        visibility="visible",
        output_format="text",
        name_format="text",
        status=STATUS[test.verdict],
    )


STATUS: dict[Verdict, Literal["passed", "failed"] | None] = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.UNKNOWN: None,
}


def run(home: Path) -> None:
    """Grade what lies in `submission/` of Gradescope's folder, and write `results/results.json`."""
    began = time.monotonic()
    plan = msgspec.json.decode((REPOSITORY / PLAN).read_bytes(), type=Plan)
    settings = msgspec.structs.replace(plan.settings, folder=str(REPOSITORY))
    lab = LABS[plan.lab]
    terms = settings.terms(lab).settled()
    result = grade_one(home / "submission", lab, terms)
    results = results_of(result, settings, terms.sandbox, time.monotonic() - began)
    with writing(home / "results" / "results.json") as file:
        file.write(msgspec.json.format(msgspec.json.encode(results)).decode() + "\n")


def main() -> None:
    """Entry point. Without results Gradescope says that the autograder failed, and gives no points."""
    try:
        run(Path(sys.argv[1]))
    except Refused as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
