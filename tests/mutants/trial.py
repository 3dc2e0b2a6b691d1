"""Runs tests of a suite on a root, outside pytest: what the tests of mutants and the soak share."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import replace
from pathlib import Path

from autograder.run import Outcome, Runner, Test
from autograder.verdict import Verdict

# Signs that an edit went wrong, and that the mutant fails for a reason that is not its own.
CARELESS = ("SyntaxError", "IndentationError", "NameError", "UnboundLocalError", "ImportError")


def suite_of(lab: str) -> dict[str, Test]:
    """The tests of a lab's suite by name."""
    package = importlib.import_module(f"autograder.suites.{lab}")
    found: dict[str, Test] = {}
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if module.name.rpartition(".")[2].startswith("test_"):
            found |= tests_in(module.name)
    return found


def tests_in(module: str) -> dict[str, Test]:
    """The tests that a module defines."""
    functions = inspect.getmembers(importlib.import_module(module), inspect.iscoroutinefunction)
    return {
        name: function
        for name, function in functions
        if name.startswith("test_") and function.__module__ == module
    }


def run_once(runner: Runner, root: Path, test: Test, seed: int) -> Outcome:
    """One run of a test on a root, with a runner that may serve many roots in turn."""
    runner.settings = replace(runner.settings, root=root)
    return runner.run_once(test, seed)


def survived(outcome: Outcome) -> str:
    """Why a run does not count as catching its mutant; empty if it does."""
    if outcome.verdict is Verdict.PASS:
        return "passed"
    if outcome.verdict is Verdict.UNKNOWN:
        return f"undecided: {outcome.seen}"
    sign = next((sign for sign in CARELESS if sign in outcome.seen), None)
    return f"failed for a reason that is not the mutant's: {outcome.seen}" if sign else ""
