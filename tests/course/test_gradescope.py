"""`autograder gradescope`: the zip, and what it does where Gradescope runs it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.course.gradescope import results_of
from autograder.course.one import Status
from autograder.course.settings import CourseSettings, LabSettings
from autograder.verdict import Verdict
from tests.course.classes import SOLVED, autograder, environment, graded, result
from tests.course.solution_lines import leaks

FIRST, SECOND = (test.name for test in graded().labs[0].tests[:2])
COURSE = f"""
seeds = 1
secret_file = "secret"
[labs.lock]
left_out = ["{SECOND}"]
weights.{FIRST} = 50
[labs.kv]
seeds = 7
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gradescope")
    (folder / "course.toml").write_text(COURSE)
    assert autograder("secret", "new", folder / "secret").returncode == 0
    done = pack(folder, "lock.zip")
    assert done.returncode == 0, done.stderr
    assert "holds the course's secret" in done.stdout
    return folder / "lock.zip"


def pack(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    return autograder(
        "gradescope", "lock", "--out", folder / name, "--course", folder / "course.toml"
    )


def test_the_same_files_give_the_same_bytes(package: Path) -> None:
    pack(package.parent, "again.zip")
    assert (package.parent / "again.zip").read_bytes() == package.read_bytes()
    assert stat.S_IMODE(package.stat().st_mode) == 0o600


def test_it_holds_what_judges_and_nothing_that_solves(package: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        assert opened.testzip() is None
        held = {info.filename: info for info in opened.infolist()}
        texts = {name: opened.read(name).decode() for name in held}
    assert len(held) == len(set(held))
    assert {
        "run_autograder",
        "setup.sh",
        "plan.json",
        "secret",
        "autograder/__main__.py",
    } <= held.keys()
    assert {name.split("/")[0] for name in held} == {
        "LICENSE", "README.md", "autograder", "labs", "plan.json", "pyproject.toml",
        "requirements.txt", "run_autograder", "secret", "setup.sh",
    }  # fmt: skip
    assert leaks(texts) == []
    modes = {name: info.external_attr >> 16 for name, info in held.items()}
    assert modes["run_autograder"] & modes["setup.sh"] & 0o111 == 0o111
    assert modes["secret"] & 0o077 == 0
    assert texts["secret"] == (package.parent / "secret").read_text()
    assert str(package.parent) not in texts["plan.json"]


def test_the_scripts_are_sound(package: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        for name in ("run_autograder", "setup.sh"):
            done = subprocess.run(["bash", "-n"], input=opened.read(name), capture_output=True)
            assert (done.returncode, done.stderr) == (0, b"")


@pytest.fixture
def home(package: Path, tmp_path: Path) -> Path:
    """A folder as Gradescope's `/autograder`, with the package unpacked."""
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    with zipfile.ZipFile(package) as opened:
        opened.extractall(tmp_path / "source")
        (tmp_path / "run_autograder").write_bytes(opened.read("run_autograder"))
    (tmp_path / "source" / "secret").chmod(0o600)
    tmp_path.chmod(0o755)
    return tmp_path


def run(home: Path) -> dict[str, Any]:
    """What Gradescope reads after it has run the script."""
    done = subprocess.run(
        ["bash", str(home / "run_autograder")],
        env=environment(AUTOGRADER_HOME=str(home), AUTOGRADER_PYTHON=sys.executable),
        cwd="/", capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads((home / "results" / "results.json").read_text())
    return found


def test_a_submission_is_graded_there(home: Path) -> None:
    (home / "submission" / "lock.py").write_text(SOLVED)
    found = run(home)
    tests = {test["name"]: test for test in found["tests"]}
    first = tests[FIRST.removeprefix("test_").replace("_", " ")]
    assert (first["score"], first["max_score"], first["status"]) == (50, 50, "passed")
    assert SECOND.removeprefix("test_").replace("_", " ") not in tests
    assert found["score"] == sum(test["score"] for test in tests.values())
    assert found["score"] >= 50 + 60
    assert found["execution_time"] > 0
    assert {test["visibility"] for test in tests.values()} == {"visible"}
    assert {test["output_format"] for test in tests.values()} == {"text"}
    shown = autograder("secret", "show", home / "source" / "secret").stdout.strip()
    assert found["extra_data"]["secret"] == shown != "public"
    assert found["extra_data"]["sandbox"] != "none"
    assert (home / "source" / "secret").read_text().strip() not in json.dumps(found)
    assert os.listdir(home / "results") == ["results.json"]


def test_nothing_handed_in_gets_nothing_and_a_reason(home: Path) -> None:
    found = run(home)
    assert found["score"] == 0
    assert "Nothing was handed in" in found["output"]
    assert {test["status"] for test in found["tests"]} == {"failed"}


def test_a_submission_is_not_graded_unconfined_there(home: Path) -> None:
    plan = home / "source" / "plan.json"
    plan.write_text(plan.read_text().replace('"best"', '"none"'))
    done = subprocess.run(
        ["bash", str(home / "run_autograder")],
        env=environment(AUTOGRADER_HOME=str(home), AUTOGRADER_PYTHON=sys.executable),
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 1
    assert "not graded unconfined" in done.stderr
    assert os.listdir(home / "results") == []


# --- results.json ---------------------------------------------------------------------------------


def test_a_failure_says_what_was_promised_what_was_seen_and_how_to_repeat_it() -> None:
    found = results_of(result(Verdict.FAIL), CourseSettings(), "uid", 1.5)
    first, second, *_ = found.tests
    assert (first.score, first.status) == (0, "failed")
    assert "promised: A lock that is free is acquired" in first.output
    assert "seen: two holders" in first.output
    assert f"repeat: pytest labs/lock::{FIRST} --seed 7" in first.output
    assert (second.score, second.status) == (second.max_score, "passed")
    assert "seen" not in second.output
    assert found.score == 100 - first.max_score


def test_an_undecided_test_is_neither_passed_nor_failed_and_the_student_is_told() -> None:
    unsure = result(Verdict.UNKNOWN, status=Status.OVERTIME, trouble="It took too long.")
    found = results_of(unsure, CourseSettings(), "uid", 1.5)
    written = json.loads(msgspec.json.encode(found))
    assert "status" not in written["tests"][0]
    assert "undecided" in found.output
    assert found.extra_data["trouble"] == "It took too long."


def test_what_a_student_wrote_is_text_and_bounded() -> None:
    findings = ["\x1b[2J<script>alert(1)</script>\u202e", "x" * 1_000_000]
    found = results_of(result(findings=findings), CourseSettings(), "uid", 1.5)
    assert found.output_format == "text"
    assert "\x1b" not in found.output
    assert "\u202e" not in found.output
    assert len(msgspec.json.encode(found)) < 100_000


def test_unconfined_is_said_there_too() -> None:
    assert "NOT CONFINED" in results_of(result(), CourseSettings(), "none", 1.5).output
    assert "CONFINED" not in results_of(result(), CourseSettings(), "uid", 1.5).output


def test_weights_count_there_too() -> None:
    settings = CourseSettings(labs={"lock": LabSettings(weights={FIRST: 7})})
    assert results_of(result(), settings, "uid", 1.5).tests[0].score == 7


def test_without_a_secret_none_is_in_the_package_and_that_is_said(tmp_path: Path) -> None:
    done = autograder("gradescope", "kv", "--out", tmp_path / "kv.zip")
    assert done.returncode == 0
    assert "holds no secret" in done.stdout
    with zipfile.ZipFile(tmp_path / "kv.zip") as opened:
        assert "secret" not in opened.namelist()
