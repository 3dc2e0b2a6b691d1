"""One scenario on several infrastructures: what is found on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder.catalog import GIVEN
from autograder.cluster.errors import Unsupported
from autograder.run import Runner, Settings, Test
from autograder.verdict import Verdict
from book.figures.runs import PROGRAMS

INFRASTRUCTURES = {  # a host and its clock
    "one process, virtual time": ("inline", "virtual"),
    "processes, virtual time": ("process", "virtual"),
    "threads over TCP": ("thread", "wall"),
    "programs on stdin and stdout": ("command", "wall"),
}
ALL = tuple(INFRASTRUCTURES)
CANNOT = "cannot be played"

Found = dict[str, dict[str, str]]


def everywhere(
    scenarios: Mapping[str, Test],
    passed: str = "passes",
    failed: str = "fails",
    root: Path = PROGRAMS,
    on: Sequence[str] = ALL,
) -> Found:
    """What comes of each scenario on each infrastructure: a row for a scenario, for `table`.

    A verdict that is neither raises `AssertionError`: that is a fault of ours.
    """
    words = {Verdict.PASS: passed, Verdict.FAIL: failed}
    found: Found = {name: {} for name in scenarios}
    for place in on:
        for name, verdict in judged(place, scenarios, root).items():
            assert verdict is not Verdict.UNKNOWN, f"{name} is undecided on {place}"
            found[name][place] = CANNOT if verdict is None else words[verdict]
    return found


def judged(place: str, scenarios: Mapping[str, Test], root: Path) -> dict[str, Verdict | None]:
    """The verdict on each scenario on one infrastructure; None if it cannot be played there."""
    settings = Settings(root, GIVEN, *INFRASTRUCTURES[place])
    if settings.clock == "virtual":
        return judged_by(settings, scenarios)
    with ThreadPoolExecutor(1) as aside:  # in a notebook's own thread an event loop runs already
        return aside.submit(judged_by, settings, scenarios).result()


def judged_by(settings: Settings, scenarios: Mapping[str, Test]) -> dict[str, Verdict | None]:
    """The same for settings."""
    runner = Runner(settings)
    try:
        return {name: verdict_of(runner, scenario) for name, scenario in scenarios.items()}
    finally:
        runner.close()


def verdict_of(runner: Runner, scenario: Test) -> Verdict | None:
    """The verdict on one scenario."""
    try:
        return runner.run_once(scenario, seed=1).verdict
    except Unsupported:
        return None
