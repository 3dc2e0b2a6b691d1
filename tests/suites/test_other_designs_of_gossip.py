"""Right nodes of another make than the solutions, in `designs/`: they pass every test of their file.

Each was written from the handout alone. They are as slow, as sparing or as talkative as the rules allow.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.run import Test
from autograder.verdict import Verdict
from tests.helpers import run_on
from tests.mutants import trial

DESIGNS = Path(__file__).parent / "designs"
TRIALS = {
    f"{file.parents[1].name}-{name}": (file.parents[1], test)
    for file in sorted(DESIGNS.glob("*/gossip/*.py"))
    for name, test in trial.tests_in(f"autograder.suites.gossip.test_{file.stem}").items()
}


@pytest.mark.parametrize(("root", "test"), TRIALS.values(), ids=TRIALS)
def test_another_design_passes(root: Path, test: Test) -> None:
    outcome = run_on(root, test)
    assert outcome.verdict is Verdict.PASS, outcome.seen


def test_there_is_one_of_each_challenge() -> None:
    files = {file.stem for file in DESIGNS.glob("*/gossip/*.py")}
    assert {"unique_ids", "broadcast", "broadcast_fast", "broadcast_few", "counter"} <= files
    assert {"counter_crdt", "pn_counter", "log", "log_on_lin_kv", "log_efficient"} <= files
    assert {"transactions", "read_uncommitted", "read_committed"} <= files
