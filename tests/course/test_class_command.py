"""`autograder grade-class`, for real."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from autograder.catalog import REPOSITORY
from autograder.course.store import Store
from autograder.secret import FILE_VARIABLE, VARIABLE
from tests.course.classes import SOLVED, autograder, environment, hand_in

SEEDS = "seeds = 1\n"
NO_SECRET = "There is no secret"


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted"
    folder.mkdir()
    (tmp_path / "course.toml").write_text(SEEDS)
    return folder


def command(submitted: Path, *more: str) -> list[str]:
    place = submitted.parent
    files = ["--course", str(place / "course.toml"), "--results", str(place / "results")]
    return ["grade-class", str(submitted), "--lab", "lock", *files, *more]


def rows(submitted: Path) -> dict[str, dict[str, str]]:
    """The CSV, by student; fails if one is there twice."""
    file = submitted.parent / "results" / "lock" / "class.csv"
    with file.open(encoding="utf-8", newline="") as table:
        found = list(csv.DictReader(table))
    assert len({row["student"] for row in found}) == len(found)
    return {row["student"]: row for row in found}


def test_a_mixed_class_gets_the_points_that_it_earned(submitted: Path) -> None:
    hand_in(submitted, "ada", SOLVED)
    shutil.copytree(REPOSITORY / "solutions" / "kv", submitted / "ada" / "kv")
    hand_in(submitted, "bob", SOLVED.replace("async def release", "async def free"))
    (submitted / "cyd").mkdir()
    (submitted / "cyd" / "lock.py").symlink_to("/etc/passwd")
    (submitted / "dan").mkdir()
    with (submitted / "dan" / "lock.py").open("wb") as file_of_zeros:
        file_of_zeros.truncate(10 << 30)
    (submitted / "=eve\n").mkdir()
    (submitted / "fay").symlink_to("ada")
    done = autograder(*command(submitted, "--jobs", "2"))
    assert done.returncode == 1, done.stderr
    found = rows(submitted)
    points = {student: int(row["points"]) for student, row in found.items()}
    assert points.pop("ada") == 100
    assert 0 < points.pop("bob") < 60
    assert points == {"cyd": 0, "dan": 0, "'=eve⏎": 0}
    assert {row["status"] for row in found.values()} == {"graded"}
    assert "fay was passed over: it is a link." in done.stdout
    assert "10,737,418,240 bytes" in found["dan"]["findings"]
    assert "5 graded: 1 with all of 100 points" in done.stdout
    assert NO_SECRET in done.stdout
    assert "confined by" in done.stdout
    whole = json.loads((submitted.parent / "results" / "lock" / "class.json").read_text())
    assert [entry["student"] for entry in whole["students"]][1:] == ["ada", "bob", "cyd", "dan"]
    assert not any(entry["unconfined"] for entry in whole["students"])


def test_it_goes_on_where_it_was_killed(submitted: Path) -> None:
    names = [f"s{number}" for number in range(6)]
    for name in names:
        (submitted / name).mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder", *command(submitted, "--jobs", "2")],
        cwd=REPOSITORY, env=environment(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    told: list[str] = []
    with process.stdout:
        while len(told) < 2:
            line = process.stdout.readline()
            assert line, "it ended too early"
            told += [line] if line.endswith(": graded\n") else []
        below = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
    _, alive = psutil.wait_procs(below, timeout=60)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]

    folder = submitted.parent / "results" / "lock" / "students"
    before = {path.stem: path.stat().st_ino for path in folder.glob("*.json")}
    assert 2 <= len(before) < 6
    done = autograder(*command(submitted, "--jobs", "2"))
    assert done.returncode == 1, done.stderr
    kept = {line.split(":")[0] for line in done.stdout.splitlines() if "graded before" in line}
    assert kept == before.keys()
    assert (
        before.items() <= {path.stem: path.stat().st_ino for path in folder.glob("*.json")}.items()
    )
    assert rows(submitted).keys() == set(names)
    assert {path.name for path in folder.iterdir() if path.is_file()} == {
        f"{name}.{suffix}" for name in names for suffix in ("json", "html")
    }

    (submitted / "s3" / "lock.py").mkdir()
    (submitted / "s4" / "lock.py").symlink_to("/dev/zero")
    done = autograder(*command(submitted, "--jobs", "2"))
    assert "s4: graded" in done.stdout.splitlines()
    assert sum(line.endswith(": was graded before") for line in done.stdout.splitlines()) >= 4


# Whoever runs these tests in the background of a shell has them ignore interrupts.
AS_IN_A_TERMINAL = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("autograder", run_name="__main__")
"""


def test_an_interrupt_ends_it_at_once_with_all_that_it_started(submitted: Path) -> None:
    # More than are graded until this test has sent its signal, also where it is starved.
    class_of = 60
    for number in range(class_of):
        (submitted / f"s{number}").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", AS_IN_A_TERMINAL, *command(submitted, "--jobs", "2")],
        cwd=REPOSITORY, env=environment(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        while not (line := process.stdout.readline()).endswith(": graded\n"):
            assert line, "it ended too early"
        below = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.wait(60) == 130
    assert "The same command goes on from here." in rest
    assert rest.count(": graded") < class_of - 1
    _, alive = psutil.wait_procs(below, timeout=60)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]


def test_time_limits_stop_no_batch_and_cost_nothing_silently(submitted: Path) -> None:
    (submitted.parent / "course.toml").write_text(f"{SEEDS}time_limit = 0.05")
    for name in ("ada", "bob"):
        (submitted / name).mkdir()
    done = autograder(*command(submitted))
    assert done.returncode == 3
    found = rows(submitted)
    assert {row["status"] for row in found.values()} == {"overtime"}
    assert {row["undecided_points"] for row in found.values()} == {"100"}
    assert "ada: The grading took longer than 0.05 s and was stopped." in done.stdout
    (submitted.parent / "course.toml").write_text(SEEDS)
    assert autograder(*command(submitted)).returncode == 3
    assert autograder(*command(submitted, "--again")).returncode == 1
    assert {row["status"] for row in rows(submitted).values()} == {"graded"}


def test_it_does_not_grade_unconfined_unless_it_is_told_to(submitted: Path) -> None:
    (submitted / "ada").mkdir()
    done = autograder(*command(submitted, "--sandbox", "none"))
    assert done.returncode == 2
    assert "Other people's files are not graded unconfined" in done.stderr
    assert not (submitted.parent / "results").exists()
    done = autograder(*command(submitted, "--sandbox", "none", "--unconfined"))
    assert done.returncode == 1
    assert "NOT CONFINED" in done.stdout
    assert rows(submitted)["ada"]["unconfined"] == "yes"


def test_the_secret_is_outside_and_its_fingerprint_in_the_results(submitted: Path) -> None:
    (submitted / "ada").mkdir()
    for place in (submitted.parent / "secret", submitted / "ada" / "secret"):
        assert autograder("secret", "new", place).returncode == 0
    shown = autograder("secret", "show", submitted.parent / "secret").stdout.strip()
    inside = environment(**{FILE_VARIABLE: str(submitted / "ada" / "secret")})
    done = autograder(*command(submitted), env=inside)
    assert done.returncode == 2
    assert "lies among the hand-ins" in done.stderr
    (submitted.parent / "course.toml").write_text('secret_file = "secret"')
    done = autograder(*command(submitted))
    assert done.returncode == 1
    assert NO_SECRET not in done.stdout
    assert "chmod" not in done.stdout
    assert rows(submitted)["ada"]["secret"] == shown
    (submitted.parent / "secret").chmod(0o644)
    assert "Others can read the secret: chmod 600" in autograder(*command(submitted)).stdout


def test_a_secret_in_the_environment_is_one(submitted: Path) -> None:
    (submitted / "ada").mkdir()
    done = autograder(*command(submitted), env=environment(**{VARIABLE: "mellon"}))
    assert done.returncode == 1
    assert NO_SECRET not in done.stdout
    assert "mellon" not in "".join(
        path.read_text() for path in (submitted.parent / "results").rglob("*") if path.is_file()
    )


def test_two_batches_do_not_meet(submitted: Path) -> None:
    (submitted / "ada").mkdir()
    with Store(submitted.parent / "results" / "lock").held():
        done = autograder(*command(submitted))
    assert done.returncode == 2
    assert "Another grade-class is at work" in done.stderr


def test_results_below_a_file_are_refused_in_a_sentence(submitted: Path) -> None:
    (submitted / "ada").mkdir()
    (submitted.parent / "results").mkdir()
    (submitted.parent / "results" / "lock").write_text("in the way")
    done = autograder(*command(submitted))
    assert done.returncode == 3
    assert "the results cannot be kept" in done.stderr
    assert "Traceback" not in done.stderr
