"""What the handouts say of the tests is what the suites hold."""

from __future__ import annotations

import re

import pytest

from autograder.catalog import LABS, REPOSITORY
from autograder.grading import tests

ROW = re.compile(r"^\|(?: `(test_\w+)\.py`:)? .+ \| (\d+) \|$", re.MULTILINE)
TABLES = [lab for lab in LABS if lab != "mapreduce"]  # whose handout says nothing of points
CHOSEN = re.compile(r"^    pytest labs/\w+ -k (\w+)", re.MULTILINE)


def worth(lab: str, module: str) -> int:
    found = tests.tests_in(tests.module_of(LABS[lab], module))
    return sum(test.points for test in found)


def handout(lab: str) -> str:
    return (REPOSITORY / "solutions" / lab / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("lab", TABLES)
def test_a_handout_lists_the_points_of_the_suite(lab: str) -> None:
    rows = ROW.findall(handout(lab))
    modules = [path.stem for path in LABS[lab].suite]
    assert [int(points) for _, points in rows] == [worth(lab, module) for module in modules]
    assert [name or module for (name, _), module in zip(rows, modules, strict=True)] == modules


@pytest.mark.parametrize("lab", LABS)
def test_a_handout_chooses_tests_that_there_are(lab: str) -> None:
    words = CHOSEN.findall(handout(lab))
    names = [test.name for test in tests.list_tests(LABS[lab])]
    assert words
    assert [word for word in words if not any(word in name for name in names)] == []
