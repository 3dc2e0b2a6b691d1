"""The tests of a lab: their names, points and promises, without running them."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

from autograder.catalog import Lab
from autograder.points import points_of


class ListedTest(NamedTuple):
    """One test of a suite."""

    name: str
    points: int
    promise: str


def list_tests(lab: Lab) -> list[ListedTest]:
    """The tests of a lab, in the order in which pytest runs them."""
    names = (f"autograder.suites.{lab.name}.{path.stem}" for path in lab.suite)
    modules = (importlib.import_module(name) for name in names)
    return [test for module in modules for test in tests_in(module)]


def tests_in(module: ModuleType) -> Iterator[ListedTest]:
    """The tests of one module, in the order of their lines."""
    for name, function in vars(module).items():
        if name.startswith("test_") and inspect.iscoroutinefunction(function):
            promise = " ".join((inspect.getdoc(function) or name).split())
            yield ListedTest(name, points_of(function), promise)
