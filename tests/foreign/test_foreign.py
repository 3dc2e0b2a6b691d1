"""Programs in other languages pass if they are right, and do not if they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.gossip.options import WORKLOADS
from autograder.gossip.results import results
from autograder.gossip.trial import attempt
from tests.foreign.programs import PROGRAMS, Foreign

TWINS = [(program, wrong) for program in PROGRAMS for wrong in program.wrong]


def name_of(value: object) -> str:
    return value.workload if isinstance(value, Foreign) else str(value)


def test_there_is_one_for_each_workload() -> None:
    assert {program.workload for program in PROGRAMS} == WORKLOADS.keys()


@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_a_right_program_is_valid(
    program: Foreign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WRONG", raising=False)
    result = results(attempt(program.order(tmp_path)))
    assert (result["sentence"], result["valid"]) == ("", True)
    assert result["stats"]["ok-count"] > 30


@pytest.mark.parametrize(("program", "wrong"), TWINS, ids=name_of)
def test_a_wrong_program_is_not(
    program: Foreign, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", wrong)
    result = results(attempt(program.order(tmp_path)))
    assert result["valid"] is False, result
    assert result["sentence"]
    assert result["evidence"]
