"""`autograder handout`: what students may have, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.catalog import LABS, REPOSITORY
from autograder.course import export
from autograder.course.export import hand_out
from autograder.course.handed_in import below
from autograder.course.terms import Refused
from autograder.stubs import StubsError
from autograder.suites import lock
from tests.course.classes import autograder, environment
from tests.course.solution_lines import leaks, telling_lines, telling_runs
from tests.mutants import mutants

EVERY = list(LABS.values())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handout") / "labs-of-autumn"
    done = autograder("handout", folder)
    assert done.returncode == 0, done.stderr
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_no_telling_line_of_a_solution_is_in_it(whole: Path) -> None:
    assert len(telling_lines()) > 200
    assert len(telling_runs()) > 200
    assert leaks(texts(whole)) == []


@pytest.mark.parametrize("number", range(0, 200, 20))
def test_a_leak_would_be_found(number: int) -> None:
    said = sorted(telling_lines())[number]
    run = sorted(telling_runs())[number].split("\n")
    copied = "x = 1\n\n" + "\n\n".join(f"        {each}" for each in run)
    planted = {
        "labs/a.py": f"x\n    {said}  # here\n",
        "labs/b.ipynb": json.dumps({"source": [said]}),
        "autograder/suites/c.py": copied,
    }
    assert {name for name, _ in leaks(planted)} == planted.keys()


def test_no_solution_mutant_test_of_the_judge_or_history_is_in_it(whole: Path) -> None:
    tops = {path.name for path in whole.iterdir()}
    assert tops == {
        "LICENSE", "README.md", "autograder", "book", "labs", "pyproject.toml", "requirements.txt",
    }  # fmt: skip
    found = texts(whole)
    assert not any(part.startswith(".") for name in found for part in Path(name).parts)
    for mutant in sorted(Path(mutants.__file__).parent.rglob("*.toml"))[::20]:
        assert not any(mutant.stem in name for name in found)
    assert not any("BEGIN SOLUTION" in text for name, text in found.items() if "labs/" in name)


def test_what_is_given_and_what_is_to_be_filled_in_is_there(whole: Path) -> None:
    for lab in EVERY:
        for file in (*lab.files, f"{lab.name}/README.md"):
            assert (whole / "labs" / file).read_bytes() == (REPOSITORY / "labs" / file).read_bytes()
    assert (whole / "labs" / "node" / "node.py").is_file()
    assert (whole / "autograder" / "suites" / "lock" / f"{lock.MODULES[0]}.py").is_file()
    assert "pytest labs/mapreduce" in (whole / "README.md").read_text()


def test_a_lab_is_graded_inside_of_it(whole: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", "labs", "--lab", "lock", "--seeds", "1",
         "--json", str(tmp_path / "grade.json")],
        cwd=whole, env=environment(), capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback (most recent call last)" not in done.stderr
    (found,) = json.loads((tmp_path / "grade.json").read_text())["labs"]
    assert (found["points"], found["max_points"]) == (0, 100)
    assert {test["verdict"] for test in found["tests"]} == {"FAIL"}
    assert all("NotImplementedError" in test["evidence"] for test in found["tests"])
    assert str(REPOSITORY) not in done.stdout


def test_one_lab_comes_with_what_is_given_of_those_below_it(tmp_path: Path) -> None:
    hand_out(tmp_path / "lock", [LABS["lock"]])
    found = {name for name in texts(tmp_path / "lock") if name.startswith(("labs/", "book/"))}
    of_labs = {name for name in found if name.split("/")[1] in LABS}
    assert {"labs/lock/lock.py", "labs/lock/README.md", "labs/kv/messages.py"} <= of_labs
    assert not {"labs/kv/server.py", "labs/kv/clerk.py", "labs/kv/README.md"} & of_labs
    assert not any("mapreduce" in name for name in found)
    assert "mapreduce" not in (tmp_path / "lock" / "README.md").read_text()
    assert below(LABS["lock"]) >= {"kv"}
    assert below(LABS["mapreduce"]) == set()


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "mine.txt"):
        done = autograder("handout", place)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert hand_out(tmp_path / "empty", EVERY) > 100


@pytest.mark.parametrize("said", [["labs/kv/server.py is not what its solution gives."], None])
def test_stubs_that_somebody_solved_are_not_handed_out(
    said: list[str] | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def check(*_: object) -> list[str]:
        if said is None:
            raise StubsError("solutions/kv/server.py:3: this region is empty.")
        return said

    monkeypatch.setattr(export, "check", check)
    with pytest.raises(Refused, match="labs/ is not what students get"):
        hand_out(tmp_path / "new", EVERY)
    assert not (tmp_path / "new").exists()


def test_links_caches_and_strange_files_stay(tmp_path: Path) -> None:
    for name in ("a.py", ".secret.py", "__pycache__/a.py", "x/.git/b.py", "secret", "b.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    os.symlink("/etc/passwd", tmp_path / "link.py")
    assert [path.name for path in export.sources(tmp_path)] == ["a.py"]
