"""Grades a root: pytest runs the suites, and a plugin of its session picks the verdicts up."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from autograder.catalog import REPOSITORY, Lab
from autograder.grading.provenance import provenance
from autograder.grading.tests import lab_verdict
from autograder.sandbox import BEST
from autograder.submission import problems_of
from autograder.verdict import PROPERTY, SANDBOX, Grade, TestVerdict, Verdict

Progress = Callable[[TestVerdict], None]
CONFIG = REPOSITORY / "pyproject.toml"


@dataclass(frozen=True)
class Order:
    """What is to be graded, and how."""

    root: Path
    labs: Sequence[Lab]
    seed: int | None = None
    seeds: int | None = None
    clock: str = "virtual"
    jobs: int = 1
    figures: Path | None = None  # a folder for drawings of the failures
    sandbox: str = BEST
    shown: str | None = None  # the root as its owner knows it, if not by its path

    def arguments(self) -> list[str]:
        """The command line for pytest."""
        options = ["-c", str(CONFIG), "--rootdir", str(REPOSITORY), "-p", "no:cacheprovider"]
        options += ["--disable-plugin-autoload", "-p", "xdist.plugin", "-p", "no:terminal"]
        options += ["--root", str(self.root)]
        options += ["--clock", self.clock, "--sandbox", self.sandbox]
        options += [] if self.seed is None else ["--seed", str(self.seed)]
        options += [] if self.seeds is None else ["--seeds", str(self.seeds)]
        options += [] if self.figures is None else ["--figures", str(self.figures)]
        options += [] if self.shown is None else ["--shown", self.shown]
        options += ["-n", str(self.jobs)] if self.jobs > 1 else []
        return options + [str(path) for lab in self.labs for path in lab.suite]


class Collector:
    """A pytest plugin that keeps the verdicts as they come, and the failures that carry none."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.verdicts: dict[tuple[str, str], TestVerdict] = {}
        self.trouble: dict[str, str] = {}
        self.rungs: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        found = properties.get(PROPERTY)
        name = report.nodeid.rpartition("::")[2]
        lab = Path(report.nodeid.partition("::")[0]).parent.name
        if found is not None and report.when == "call":
            verdict = msgspec.convert(found, TestVerdict)
            self.verdicts[lab, name] = verdict
            if SANDBOX in properties:
                self.rungs.add(str(properties[SANDBOX]))
            self._progress(verdict)
        elif report.failed:
            self.trouble[name] = str(report.longrepr)

    def decided(self, lab: str) -> dict[str, TestVerdict]:
        """The verdicts of one lab, by test."""
        return {name: found for (of, name), found in self.verdicts.items() if of == lab}

    def why(self, name: str) -> str:
        """Why a test gave no verdict."""
        trouble = self.trouble.get(name) or "\n".join(self.trouble.values())
        return f"the test gave no verdict\n{trouble}".rstrip()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble[report.nodeid] = str(report.longrepr)


def grade(order: Order, progress: Progress = lambda verdict: None) -> Grade:
    """Grade the labs of a root. A test that gave no verdict is `UNKNOWN`: that is our fault."""
    collector = Collector(progress)
    pytest.main(order.arguments(), plugins=[collector])
    problems = [problem for lab in order.labs for problem in problems_of(order.root, lab)]
    labs = [lab_verdict(lab, collector.decided(lab.name), collector.why) for lab in order.labs]
    rests_on = provenance(order.root, order.labs, collector.rungs)
    return Grade(order.shown or shown(order.root), labs, problems, rests_on)


def shown(root: Path) -> str:
    """A root as its owner knows it."""
    root = Path(os.path.abspath(root))
    return str(root.relative_to(Path.cwd()) if root.is_relative_to(Path.cwd()) else root)


def exit_code(grade: Grade) -> int:
    """0: all points; 1: points lost; 2: the submission cannot be run; 3: something is undecided."""
    tests = [test for lab in grade.labs for test in lab.tests]
    if any(test.verdict is Verdict.UNKNOWN for test in tests):
        return 3
    if grade.problems:
        return 2
    return int(any(test.verdict is not Verdict.PASS for test in tests))
