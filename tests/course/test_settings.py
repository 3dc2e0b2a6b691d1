"""`course.toml`: what it may say, and what it makes of a grade."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.catalog import LABS
from autograder.course.settings import (
    CourseSettings,
    SettingsError,
    apply,
    counted,
    read_settings,
)
from autograder.course.terms import TIME_LIMIT
from autograder.verdict import Verdict
from tests.course.classes import LOCK, autograder, graded, hand_in

FIRST, SECOND, THIRD = (test.name for test in graded().labs[0].tests[:3])
EVERYTHING = f"""
secret_file = "secrets/autumn"
sandbox = "landlock"
seeds = 5
time_limit = 100

[labs.lock]
left_out = ["{SECOND}"]
seeds = 2
time_limit = 7.5
secret_file = "/etc/secret"

[labs.lock.weights]
{FIRST} = 50
{THIRD} = 0
"""


def settings(tmp_path: Path, text: str) -> CourseSettings:
    (tmp_path / "course.toml").write_text(text)
    return read_settings(tmp_path / "course.toml")


def test_terms_are_those_of_the_lab_and_else_those_of_the_course(tmp_path: Path) -> None:
    found = settings(tmp_path, EVERYTHING)
    lock, kv = found.terms(LOCK), found.terms(LABS["kv"])
    assert (lock.seeds, lock.time_limit, lock.secret_file) == (2, 7.5, Path("/etc/secret"))
    assert (kv.seeds, kv.time_limit, kv.secret_file) == (5, 100, tmp_path / "secrets" / "autumn")
    assert lock.sandbox == kv.sandbox == "landlock"
    assert not lock.unconfined


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    found = settings(tmp_path, "")
    terms = found.terms(LOCK)
    assert (terms.seeds, terms.time_limit, terms.secret_file) == (None, TIME_LIMIT, None)
    assert apply(found, graded(Verdict.FAIL)) == graded(Verdict.FAIL)


def test_weights_replace_points_and_tests_that_are_left_out_count_for_nothing(
    tmp_path: Path,
) -> None:
    found = settings(tmp_path, EVERYTHING)
    before = graded(Verdict.PASS, Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN).labs[0]
    (after,) = apply(found, graded(Verdict.PASS, Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN)).labs
    points = {test.name: (test.points, test.max_points) for test in after.tests}
    assert points[FIRST] == (50, 50)
    assert SECOND not in points
    assert points[THIRD] == (0, 0)
    changed = sum(test.max_points for test in before.tests[:3])
    assert after.max_points == 100 - changed + 50 == sum(most for _, most in points.values())
    assert after.points == after.max_points - before.tests[3].max_points
    assert list(points) == counted(found, LOCK)


def test_a_failed_test_gets_nothing_whatever_it_weighs(tmp_path: Path) -> None:
    found = settings(tmp_path, f"[labs.lock.weights]\n{FIRST} = 50")
    (lab,) = apply(found, graded(Verdict.FAIL)).labs
    assert (lab.tests[0].points, lab.tests[0].max_points) == (0, 50)


BAD = {
    "wait = 1": "wait: there is no such setting.",
    "folder = '/'": "folder: there is no such setting.",
    "labs = 3": "labs: expected a table, [labs.NAME], for each lab.",
    "[labs.kvv]": "labs: there is no lab 'kvv': did you mean kv?",
    "[labs]\nlock = 3": "labs.lock: expected a table, got a whole number.",
    "[labs.lock]\nweigths = {}": "labs.lock.weigths: there is no such setting.",
    "[labs.lock]\nweights = 3": "labs.lock.weights: expected a table, got a whole number.",
    "[labs.lock.weights]\ntest_one_clint = 3": "did you mean test_one_client?",
    f"[labs.lock.weights]\n{FIRST} = -1": f"labs.lock.weights.{FIRST}: expected a whole number >= 0.",
    f"[labs.lock.weights]\n{FIRST} = 1.5": "expected a whole number, got a number.",
    "[labs.lock]\nleft_out = [3]": "labs.lock.left_out[0]: expected text, got a whole number.",
    "[labs.lock]\nleft_out = ['test_x']": "labs.lock.left_out: there is no test 'test_x'",
    f"[labs.lock]\nleft_out = ['{FIRST}']\nweights.{FIRST} = 3": "has a weight and is left out",
    f"[labs.lock]\nleft_out = {counted(CourseSettings(), LOCK)}": "are worth nothing",
    "seeds = true": "seeds: expected a whole number, got true or false.",
    "seeds = 0": "seeds: expected a whole number >= 1.",
    "time_limit = 0": "time_limit: expected a number > 0.0.",
    "time_limit = nan": "time_limit: expected a number > 0.0.",
    "time_limit = inf": "time_limit: expected a number <= 86400.0.",
    "secret_file = ''": "secret_file: expected text of length >= 1.",
    "sandbox = 'chroot'": "sandbox: expected one of best, namespaces,",
    "sandbox = 'none'": "if that is meant, say so with unconfined = true.",
    "seeds =": "is not TOML:",
    "\x00": "is not TOML:",
    "a = " + "[" * 5_000: "is not TOML:",
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_a_bad_file_is_refused_in_a_sentence_that_names_the_place(
    text: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as refusal:
        settings(tmp_path, text)
    said = str(refusal.value)
    assert said.startswith(str(tmp_path / "course.toml"))
    assert BAD[text] in said
    assert "\n" not in said


def test_unconfined_can_be_written_down(tmp_path: Path) -> None:
    found = settings(tmp_path, "sandbox = 'none'\nunconfined = true")
    assert found.terms(LOCK).settled().sandbox == "none"


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path / name)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not TOML"):
        read_settings(tmp_path / "course.toml")


@pytest.mark.parametrize("command", ["grade-class", "gradescope"])
def test_commands_refuse_a_bad_file_with_code_2(command: str, tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text("seeds = 0")
    hand_in(tmp_path / "submitted", "ada", "")
    arguments: dict[str, list[str | Path]] = {
        "grade-class": [tmp_path / "submitted", "--lab", "lock", "--results", tmp_path / "out"],
        "gradescope": ["lock", "--out", tmp_path / "out"],
    }
    done = autograder(command, *arguments[command], "--course", tmp_path / "course.toml")
    assert done.returncode == 2
    assert done.stderr.strip().endswith("seeds: expected a whole number >= 1.")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
