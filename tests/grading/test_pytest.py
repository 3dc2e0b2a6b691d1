"""`pytest solutions/` and `pytest labs/mapreduce` work as people expect."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.catalog import REPOSITORY

ONE = ("-k", "test_word_count", "--seeds", "1")


def run(*arguments: str | Path, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, arguments)],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(REPOSITORY / "solutions", tmp_path / "root")
    return tmp_path / "root"


def break_coordinator(root: Path) -> None:
    path = root / "mapreduce" / "coordinator.py"
    path.write_text(path.read_text().replace("if _all_completed(self._reduces)", "if False"))


@pytest.mark.parametrize("named", ["solutions", "solutions/", "solutions/mapreduce"])
def test_a_root_or_a_lab_of_it_runs_the_suite(named: str) -> None:
    result = run(named, *ONE)
    assert result.returncode == 0
    assert "1 passed" in result.stdout


def test_one_test_can_be_named_exactly() -> None:
    result = run("solutions/mapreduce::test_everybody_ends", "--seeds", "1")
    assert (result.returncode, "1 passed" in result.stdout) == (0, True)
    result = run("solutions/mapreduce::test_nothing")
    assert "mapreduce has no test_nothing: `autograder labs` lists its tests" in result.stderr


def test_tests_run_side_by_side() -> None:
    result = run(
        "solutions/mapreduce", "-n", "2", "-k", "test_word_count or test_any_text", "--seeds", "1"
    )
    assert (result.returncode, "2 passed" in result.stdout) == (0, True)


def test_a_failure_says_what_was_promised_and_how_to_repeat_it(root: Path) -> None:
    break_coordinator(root)
    result = run("--root", root, "-k", "test_everybody_ends", "--seeds", "1")
    assert result.returncode == 1
    lines = dict(re.findall(r"^(promised|seen|repeat) +(.+)$", result.stdout, re.MULTILINE))
    assert set(lines) == {"promised", "seen", "repeat"}
    again = run(*lines["repeat"].split()[1:])
    assert again.returncode == 1
    assert lines["seen"] in again.stdout
    assert "Traceback" not in again.stdout


def test_failures_are_drawn_where_it_is_wanted(root: Path, tmp_path: Path) -> None:
    break_coordinator(root)
    folder = tmp_path / "pictures"
    result = run(f"{root}/mapreduce::test_everybody_ends", "--seeds", "1", "--pictures", folder)
    (page,) = folder.iterdir()
    assert page.name == "mapreduce.test_everybody_ends.html"
    assert f"picture   {page}" in result.stdout
    assert page.read_text().startswith("<!doctype html>")


def test_the_first_failure_can_be_the_last(root: Path) -> None:
    break_coordinator(root)
    result = run("--root", root, "-x", "--seeds", "1")
    assert "1 failed" in result.stdout


def test_stubs_say_what_is_yours_to_write() -> None:
    result = run("labs/mapreduce", *ONE)
    assert result.returncode == 1
    assert "NotImplementedError: Coordinator.__init__ is yours to write" in result.stdout


@pytest.fixture
def near_root() -> Iterator[Path]:
    """A root inside the project's folder, where pytest finds the project's settings."""
    (REPOSITORY / "submissions").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=REPOSITORY / "submissions") as folder:
        shutil.copytree(REPOSITORY / "solutions", folder, dirs_exist_ok=True)
        yield Path(folder)


def test_settings_of_a_root_are_never_loaded(near_root: Path) -> None:
    for folder in (near_root, near_root / "mapreduce"):
        for name in ("conftest.py", "test_own.py", "__init__.py", "sitecustomize.py"):
            (folder / name).write_text("raise SystemExit('a file was loaded')")
    for named in (near_root, near_root / "mapreduce"):
        result = run(named, *ONE)
        assert "was loaded" not in result.stdout + result.stderr
        assert result.returncode == 0


def test_settings_for_pytest_in_a_root_are_refused(near_root: Path) -> None:
    (near_root / "pytest.ini").write_text("[pytest]\naddopts = --co\n")
    result = run(near_root, *ONE)
    assert result.returncode == 4
    assert "those of a root are never used" in result.stderr
    assert run("--root", near_root, "-c", "pyproject.toml", *ONE).returncode == 0


def test_two_roots_at_a_time_are_refused() -> None:
    result = run("solutions", "labs/mapreduce")
    assert result.returncode == 4
    assert "one root at a time" in result.stderr


def test_the_debugger_stops_in_the_students_code_on_the_inline_host(root: Path) -> None:
    path = root / "mapreduce" / "coordinator.py"
    path.write_text(path.read_text().replace("return Exit()", "breakpoint(); return Exit()"))
    result = run("--root", root, *ONE, "--host", "inline")
    assert "coordinator.py" in result.stdout
    assert "(Pdb)" in result.stdout
    assert "return Exit()" in result.stdout


def test_a_breakpoint_says_where_it_works(root: Path) -> None:
    path = root / "mapreduce" / "coordinator.py"
    path.write_text(path.read_text().replace("return Exit()", "breakpoint(); return Exit()"))
    result = run("--root", root, *ONE)
    assert "run with --host inline" in result.stdout


def test_pdb_says_what_stops_in_a_node() -> None:
    result = run("solutions", *ONE, "--pdb")
    assert "--host inline" in result.stdout
    assert result.returncode == 0


def test_the_inline_host_needs_nothing_that_only_posix_has() -> None:
    program = (
        "import sys, psutil, pytest\n"
        "for name in ('fcntl', 'grp', 'pwd', 'resource', 'termios'): sys.modules[name] = None\n"
        "sys.exit(pytest.main(sys.argv[1:]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "solutions", *ONE, "--host", "inline"],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (result.returncode, "1 passed" in result.stdout) == (0, True)
