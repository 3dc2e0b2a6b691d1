"""Runs checks for a notebook, in a process of its own: `python -m autograder.notebook.suite ORDER`.

The order is `events.Checks`, and what it prints are events, one a line. When its standard input ends,
because the notebook's kernel did or was interrupted, so does it, with all that it started.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import IO

import msgspec
import pytest

from autograder.catalog import LABS, Lab
from autograder.grading.grade import Collector, Order
from autograder.grading.tests import ListedTest, module_of, tests_in, undecided
from autograder.notebook.events import Checks, Decided, Ended, Event, Planned, Refused
from autograder.verdict import TestVerdict, Verdict


class Nothing(Exception):
    """No test is meant; the text says which there are."""


def chosen(lab: Lab, part: str) -> dict[Path, list[ListedTest]]:
    """The tests that are meant, by the module that holds them; raises `Nothing`."""
    modules = {path: tests_of(lab, path.stem) for path in lab.suite}
    for path, tests in modules.items():
        if path.stem in (part, f"test_{part}"):
            return {path: tests}
    piece = part.replace(" ", "_")
    found = {
        path: [test for test in tests if piece in test.name] for path, tests in modules.items()
    }
    if not any(found.values()):
        short = ", ".join(path.stem.removeprefix("test_") for path in modules)
        raise Nothing(f"{lab.name} has no checks {part!r}: its parts are {short}.")
    return {path: tests for path, tests in found.items() if tests}


def tests_of(lab: Lab, module: str) -> list[ListedTest]:
    """The tests of one module of a lab's suite."""
    return list(tests_in(module_of(lab, module)))


def run(checks: Checks, out: IO[bytes]) -> None:
    """Run checks, and say each verdict when it is there."""

    def say(event: Event) -> None:
        out.write(msgspec.json.encode(event) + b"\n")
        out.flush()

    def decided(verdict: TestVerdict) -> None:
        from autograder.plugin import explain  # which pytest wants to be the first to import

        passed = verdict.verdict is Verdict.PASS
        say(Decided(verdict, "" if passed else explain(verdict, None)))

    lab = LABS[checks.lab]
    try:
        modules = chosen(lab, checks.part)
    except Nothing as nothing:
        say(Refused(str(nothing)))
        return
    tests = [test for each in modules.values() for test in each]
    say(Planned({test.name: test.points for test in tests}))
    collector = Collector(decided)
    pytest.main([*arguments(checks), *places(modules)], plugins=[collector])
    for test in tests:
        if (lab.name, test.name) not in collector.verdicts:
            decided(undecided(test, collector.why(test.name)))
    say(Ended())


def arguments(checks: Checks) -> list[str]:
    """The command line for pytest, less the tests."""
    order = Order(
        Path(checks.root),
        [],
        jobs=checks.jobs,
        figures=Path(checks.figures),
        shown=checks.shown,
    )
    return order.arguments()


def places(modules: dict[Path, list[ListedTest]]) -> list[str]:
    """The tests, as pytest is told them."""
    return [f"{path}::{test.name}" for path, tests in modules.items() for test in tests]


def end_with(descriptor: int) -> None:
    """Wait for the end of what can be read there, and end this process and all of its group."""
    while os.read(descriptor, 1):
        pass
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def main() -> None:
    """What the process does: its output is for events alone, whatever is printed goes to the errors."""
    checks = msgspec.json.decode(sys.argv[1], type=Checks)
    stdin = os.dup(0)  # since pytest puts another in its place
    threading.Thread(target=end_with, args=[stdin], daemon=True).start()
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        run(checks, out)


if __name__ == "__main__":
    main()
