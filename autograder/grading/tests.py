"""The tests of a lab: their names, points and promises, without running them."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Coroutine, Iterator, Mapping
from types import ModuleType
from typing import Any, NamedTuple

from autograder.catalog import Lab
from autograder.points import points_of
from autograder.verdict import LabVerdict, TestVerdict, Verdict


class ListedTest(NamedTuple):
    """One test of a suite."""

    name: str
    points: int
    promise: str
    function: Callable[..., Coroutine[Any, Any, None]]


def module_of(lab: Lab, name: str) -> ModuleType:
    """A module of a lab's suite, such as `test_losses`."""
    return importlib.import_module(f"autograder.suites.{lab.name}.{name}")


def list_tests(lab: Lab) -> list[ListedTest]:
    """The tests of a lab, in the order in which pytest runs them."""
    return [test for path in lab.suite for test in tests_in(module_of(lab, path.stem))]


def tests_in(module: ModuleType) -> Iterator[ListedTest]:
    """The tests of one module, in the order of their lines."""
    for name, function in vars(module).items():
        if name.startswith("test_") and inspect.iscoroutinefunction(function):
            promise = " ".join((inspect.getdoc(function) or name).split())
            yield ListedTest(name, points_of(function), promise, function)


def lab_verdict(
    lab: Lab, decided: Mapping[str, TestVerdict], why: Callable[[str], str]
) -> LabVerdict:
    """The verdicts of one lab, in the order of its suite.

    A test that is not among the decided ones is `UNKNOWN`, which is our fault: `why` says of what.
    """
    tests = [decided.get(test.name) or undecided(test, why(test.name)) for test in list_tests(lab)]
    return LabVerdict(
        lab.name, sum(t.points for t in tests), sum(t.max_points for t in tests), tests
    )


def undecided(test: ListedTest, why: str) -> TestVerdict:
    """The verdict on a test that did not come to one."""
    return TestVerdict(
        name=test.name,
        points=0,
        max_points=test.points,
        verdict=Verdict.UNKNOWN,
        promise=test.promise,
        evidence=f"our fault: {why}",
        seed=0,
        command="",
        virtual_seconds=0.0,
        real_seconds=0.0,
    )
