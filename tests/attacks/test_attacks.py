"""Every attack is stopped as it says, on every rung that the machine has, and harms nobody after it."""

from __future__ import annotations

import re
from pathlib import Path

import psutil
import pytest

from autograder.run import Outcome, Runner, Test
from autograder.verdict import Verdict
from tests.attacks.__main__ import table
from tests.attacks.attacks import (
    HERE,
    Attack,
    AttackError,
    all_attacks,
    read,
    write,
    write_honest,
)
from tests.attacks.crossings import between_nodes, over_a_crash
from tests.attacks.surroundings import Surroundings
from tests.mutants.trial import suite_of

FEWEST = 40
ATTACKS = all_attacks()
CROSSINGS = {"nodes": between_nodes, "crash": over_a_crash}
HONEST = {"mapreduce": "test_word_count", "lock": "test_acquire_and_release"}


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_an_attack_gets_what_it_has_earned(
    attack: Attack, runner: Runner, around: Surroundings
) -> None:
    rung = runner.sandbox()
    if why := attack.untried.get(rung):
        pytest.skip(f"{rung}: {why}")
    write(attack, around.root, around.around())
    try:
        found = [runner.run_once(test, 1) for test in runs_of(attack)]
        held = rung in attack.through or around.is_whole()
    finally:
        around.tidy()
    for outcome in found:
        judge(attack, rung, outcome)
    assert held, "it has changed what is not its own"
    assert nothing_runs()
    check_honest(attack.lab, runner, around)


def runs_of(attack: Attack) -> list[Test]:
    """What the attack is run on."""
    if attack.tell:
        return [CROSSINGS[attack.crossing]]
    return [suite_of(attack.lab)[name] for name in attack.tests]


def judge(attack: Attack, rung: str, outcome: Outcome) -> None:
    """Raise `AssertionError` unless the attack was stopped by what it says, or goes through as it says."""
    if rung in attack.through:
        assert outcome.verdict is Verdict.PASS, outcome.seen
        return
    assert outcome.verdict is Verdict.FAIL, outcome.seen
    assert re.search(attack.stopped, outcome.seen.partition("\n")[0]), outcome.seen


def nothing_runs() -> bool:
    """Whether no process of a node is left: below the grader, zygotes have no children."""
    zygotes = psutil.Process().children()
    return not [child for zygote in zygotes for child in zygote.children()]


def check_honest(lab: str, runner: Runner, around: Surroundings) -> None:
    """Raise `AssertionError` unless an honest submission passes now."""
    write_honest(lab, around.root)
    honest = suite_of(lab)[HONEST.get(lab, next(iter(suite_of(lab))))]
    outcome = runner.run_once(honest, 1)
    assert outcome.verdict is Verdict.PASS, outcome.seen


def test_the_table_says_what_the_attacks_do() -> None:
    assert table() in (HERE / "README.md").read_text(encoding="utf-8")


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= FEWEST


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title = 'Odd.'", "missing required field `stopped`"),
        ("title = 'Odd.'\nstopped = '('\nattempt = 'x'", "unterminated subpattern"),
        ("title = 'Odd.'\nstopped = 'x'", "is not one of an attempt"),
        ("title = 'Odd.'\nstopped = 'x'\nattempt = 'x'\nlab = 'x'", "is of no lab: x"),
        ("title = 'Odd.'\nstopped = 'x'\nattempt = 'x'\nthrough = ['x']", "names x"),
        (
            "title = 'Odd.'\nstopped = 'x'\nattempt = 'x'\nthrough = ['none']\nuntried.none = 'x'",
            "goes through on a rung on which it is not tried",
        ),
    ],
)
def test_a_file_that_is_no_attack_is_refused(text: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(text)
    with pytest.raises(AttackError, match=re.escape(why)):
        read(file)
