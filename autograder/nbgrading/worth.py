"""What a graded cell is worth, and what a submission earned there: its tests, weighed by course.toml."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from autograder.catalog import Lab
from autograder.course.one import undecided
from autograder.course.settings import CourseSettings, apply
from autograder.grading.tests import module_of, tests_in
from autograder.notebook.cells import check_id
from autograder.verdict import Grade, TestVerdict, Verdict


def checks(lab: Lab, grade: Grade) -> dict[str, list[TestVerdict]]:
    """The verdicts of a lab by the id of the graded cell that stands for their module."""
    verdicts = {test.name: test for each in grade.labs for test in each.tests}
    return {
        check_id(path.stem): [
            verdicts[name] for name in names_in(lab, path.stem) if name in verdicts
        ]
        for path in lab.suite
    }


def names_in(lab: Lab, module: str) -> list[str]:
    """The names of the tests of a module of the lab's suite."""
    return [test.name for test in tests_in(module_of(lab, module))]


def worths(lab: Lab, settings: CourseSettings) -> Mapping[str, int]:
    """The points of each graded cell of a lab, by its id."""
    whole = apply(settings, undecided(lab, {}))
    return {id: sum(test.max_points for test in tests) for id, tests in checks(lab, whole).items()}


def score(tests: list[TestVerdict], worth: float) -> float:
    """What tests come to in a cell that is worth so many points; undecided ones add nothing yet."""
    possible = sum(test.max_points for test in tests)
    if not possible:
        return 0.0
    return float(Fraction(sum(test.points for test in tests), possible) * Fraction(worth))


def is_undecided(tests: list[TestVerdict]) -> bool:
    """Whether an instructor has to look."""
    return any(test.verdict is Verdict.UNKNOWN for test in tests)
