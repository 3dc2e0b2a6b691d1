"""`docs/instructors.md`: its commands are run as they stand there, in a copy of the project."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.catalog import REPOSITORY
from autograder.course.settings import CourseSettings, LabSettings, counted, read_settings
from autograder.course.terms import TIME_LIMIT
from autograder.plugin import SEEDS
from tests.course.classes import LOCK, SOLVED, environment, hand_in

PAGE = (REPOSITORY / "docs" / "instructors.md").read_text(encoding="utf-8")
COMMANDS = [
    command
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for command in block.splitlines()
]
(SETTINGS,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COPIED = (
    "LICENSE", "autograder", "book", "labs", "nbgrader_config.py", "pyproject.toml",
    "requirements.txt", "solutions",
)  # fmt: skip
SPARED = shutil.ignore_patterns("__pycache__", ".*")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an instructor, with two hand-ins."""
    folder = tmp_path_factory.mktemp("clone")
    for name in COPIED:
        whole = REPOSITORY / name
        if whole.is_dir():
            shutil.copytree(whole, folder / name, ignore=SPARED)
        else:
            shutil.copy(whole, folder / name)
    hand_in(folder / "submitted", "ada", SOLVED)
    shutil.copytree(REPOSITORY / "solutions" / "kv", folder / "submitted" / "ada" / "kv")
    hand_in(folder / "submitted", "bob", "import lock\n")
    return folder


def type_in(clone: Path, command: str) -> subprocess.CompletedProcess[str]:
    """What a shell in the clone does with a command, with the environment active."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    more = {"PATH": path, "PYTHONPATH": str(clone), "HOME": str(clone / "home"), "COLUMNS": "200"}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=clone,
        env=environment(**more, PYTHONWARNINGS="ignore"),
        capture_output=True,
        text=True,
        timeout=500,
    )


def test_the_page_names_every_command_of_a_course() -> None:
    for verb in ("secret new", "secret show", "handout", "grade-class", "gradescope"):
        assert any(command.startswith(f"autograder {verb}") for command in COMMANDS)
    for verb in ("autograde", "generate_feedback", "export"):
        assert any(command.startswith(f"nbgrader {verb}") for command in COMMANDS)


def test_the_steps_do_what_the_page_says(clone: Path) -> None:
    for command in COMMANDS:
        done = type_in(clone, command)
        expected = 1 if "grade-class" in command else 0  # points were lost
        assert done.returncode == expected, f"{command}\n{done.stdout}{done.stderr}"
        if command.startswith("autograder secret new"):
            (clone / "course.toml").write_text(SETTINGS)
    with (clone / "results" / "lock" / "class.csv").open(newline="") as table:
        rows = {row["student"]: row for row in csv.DictReader(table)}
    most = rows["ada"]["max_points"]
    assert (rows["ada"]["points"], rows["bob"]["points"]) == (most, "0")
    assert (
        rows["ada"]["secret"]
        == type_in(clone, "autograder secret show secret-of-autumn").stdout.strip()
    )
    assert {"labs", "autograder"} <= {path.name for path in (clone / "to-students").iterdir()}
    with zipfile.ZipFile(clone / "lock.zip") as package:
        assert package.read("secret").decode() == (clone / "secret-of-autumn").read_text()
    with (clone / "grades.csv").open(newline="") as table:
        exported = {row["student_id"]: row for row in csv.DictReader(table)}
    assert float(exported["bob"]["score"]) == 0
    assert float(exported["ada"]["score"]) > 0
    assert (clone / "feedback" / "ada" / "lock" / "lock.html").is_file()


def test_the_settings_on_the_page_are_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(SETTINGS)
    found = read_settings(tmp_path / "course.toml")
    assert found.time_limit == TIME_LIMIT
    assert found.terms(LOCK).seeds == SEEDS
    assert found.terms(LOCK).secret_file == tmp_path / "secret-of-autumn"
    assert len(counted(found, LOCK)) == len(counted(CourseSettings(), LOCK)) - 1


def test_every_setting_is_described() -> None:
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|", PAGE, re.MULTILINE)
    of_all = set(CourseSettings.__struct_fields__) - {"labs", "folder"}
    of_one = set(LabSettings.__struct_fields__)
    assert {name for name, *_ in rows} == of_all | of_one
    for name, everywhere, one in rows:
        assert (everywhere.strip() == "yes") == (name in of_all)
        assert (one.strip() == "yes") == (name in of_one)
