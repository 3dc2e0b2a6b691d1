"""`autograder grade`: the table, the JSON, the exit codes, and roots that nobody should hand in."""

from __future__ import annotations

import json
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.catalog import LABS, REPOSITORY, SUITES
from autograder.grading.tests import list_tests
from autograder.suites.mapreduce import test_jobs
from autograder.verdict import Verdict
from tests.helpers import run_on

UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
QUICK = ("--lab", "mapreduce", "--seeds", "1")
FILES = LABS["mapreduce"].files


def autograder(*arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograder", *map(str, arguments)],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=200, stdin=subprocess.DEVNULL, **more,
    )  # fmt: skip


def grade(root: Path, *arguments: str | Path) -> tuple[int, dict[str, Any], str]:
    """Exit code, JSON and output of a quick grading."""
    file = root.parent / "verdict.json"
    result = autograder("grade", root, *QUICK, "--json", file, *arguments)
    assert "Traceback (most recent call last)" not in result.stderr
    return result.returncode, json.loads(file.read_text()), result.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "mapreduce").mkdir(parents=True)
    for file in FILES:
        shutil.copy(REPOSITORY / "solutions" / file, tmp_path / "root" / file)
    return tmp_path / "root"


@pytest.mark.parametrize("name", LABS)
def test_the_points_of_a_lab_add_up_to_a_hundred(name: str) -> None:
    tests = list_tests(LABS[name])
    assert sum(test.points for test in tests) == 100
    assert all(test.points > 0 and test.promise.endswith(".") for test in tests)
    assert len({test.name for test in tests}) == len(tests)


def test_only_the_files_of_the_lab_are_needed(root: Path) -> None:
    code, verdict, text = grade(root)
    assert (code, verdict["labs"][0]["points"]) == (0, 100)
    assert "mapreduce: 100 of 100 points" in text


@pytest.mark.parametrize("name", LABS)
def test_the_stub_scores_nothing_and_says_so(name: str, tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "labs", tmp_path / "root")
    file = tmp_path / "verdict.json"
    result = autograder("grade", tmp_path / "root", "--lab", name, "--seeds", "1", "--json", file)
    (lab,) = json.loads(file.read_text())["labs"]
    assert (result.returncode, lab["points"], lab["max_points"]) == (1, 0, 100)
    for test in lab["tests"]:
        assert test["verdict"] == "FAIL"
        assert "NotImplementedError" in test["evidence"].splitlines()[0]


def test_a_page_shows_every_failure_with_its_picture(root: Path, tmp_path: Path) -> None:
    path = root / "mapreduce" / "worker.py"
    path.write_text(path.read_text().replace("sorted(groups)", "sorted(groups)[1:]"))
    page = tmp_path / "report.html"
    _, verdict, _ = grade(root, "--html", page)
    text = page.read_text()
    failed = [test for test in verdict["labs"][0]["tests"] if test["verdict"] == "FAIL"]
    assert failed
    assert all(test["name"] in text for test in failed)
    assert text.count("<svg") >= len(failed)
    assert "src=" not in text
    assert "<link" not in text


def test_a_failure_is_repeated_by_its_command(root: Path) -> None:
    path = root / "mapreduce" / "worker.py"
    path.write_text(path.read_text().replace("sorted(groups)", "sorted(groups)[1:]"))
    code, verdict, text = grade(root)
    assert code == 1
    failed = [test for test in verdict["labs"][0]["tests"] if test["verdict"] == "FAIL"]
    assert failed
    command = failed[0]["command"].split()
    assert command[0] == "pytest"
    again = subprocess.run(
        [sys.executable, "-m", *command], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert again.returncode == 1
    assert failed[0]["evidence"].splitlines()[0] in again.stdout
    assert failed[0]["promise"].split()[0] in text


def make_huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 << 20)


def make_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def make_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


UNUSABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (Path.unlink, "mapreduce/worker.py is missing"),
    "huge": (make_huge, "has 104,857,600 bytes: a source file may have 1,048,576"),
    "link": (make_link, "is a link out of the folder"),
    "folder": (make_folder, "is no regular file"),
    "fifo": (make_fifo, "is no regular file"),
    "loop": (make_loop, "mapreduce/worker.py cannot be read"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_file_is_named_in_one_sentence(root: Path, name: str) -> None:
    spoil, sentence = UNUSABLE[name]
    spoil(root / "mapreduce" / "worker.py")
    code, verdict, text = grade(root)
    assert code == 2
    assert len(verdict["problems"]) == 1
    assert sentence in verdict["problems"][0]
    assert verdict["labs"][0]["points"] == 0
    assert sentence in " ".join(text.split())


WRONG = {
    "syntax": ("def (", "w1: mapreduce/worker.py:1: SyntaxError: invalid syntax"),
    "nul": ("x = '\0'", "source code string cannot contain null bytes"),
    "name": ("class Wroker: pass", "mapreduce/worker.py: there is no Worker in this file"),
    "no node": ("class Worker: pass", "mapreduce/worker.py:1: Worker is no Node"),
    "import": ("import numpie", "mapreduce/worker.py:1"),
    "exit": ("import os; os._exit(0)", "past the event loop"),
    "arguments": (
        "from labs.node import Node\nclass Worker(Node):\n    def __init__(self): pass",
        "write __init__(self, coordinator, app, folder)",
    ),
    "depth": ("x = " + "(" * 5000 + ")" * 5000, "mapreduce/worker.py"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_fails_with_one_sentence(root: Path, name: str) -> None:
    text, sentence = WRONG[name]
    (root / "mapreduce" / "worker.py").write_text(text)
    outcome = run_on(root, test_jobs.test_word_count)
    assert outcome.verdict is Verdict.FAIL
    assert sentence in outcome.seen.splitlines()[0]


def test_bytecode_that_was_handed_in_is_never_run(root: Path) -> None:
    path = root / "mapreduce" / "worker.py"
    source = path.read_text()
    path.write_text("raise SystemExit('bytecode')")
    compiled = Path(str(py_compile.compile(str(path), invalidation_mode=UNCHECKED)))
    assert compiled.parent == root / "mapreduce" / "__pycache__"
    shutil.copy(compiled, root / "mapreduce" / "messages.pyc")
    path.write_text(source)
    assert run_on(root, test_jobs.test_word_count).seen == ""


def test_files_that_editors_leave_behind_are_no_problem(root: Path) -> None:
    folder = root / "mapreduce"
    for file in FILES:
        text = (root / file).read_text()
        (root / file).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    (folder / "__init__.py").write_text("raise SystemExit('loaded')")
    (folder / "worker.py~").write_text("old")
    (folder / "__pycache__").mkdir()
    assert run_on(root, test_jobs.test_word_count).seen == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("grade", "no-such-folder"), "no-such-folder is no folder"),
        (("grade", "docs"), "docs holds no lab"),
        (("grade", "solutions", "--lab", "paxos"), "'paxos' is not"),
        (("grade", "solutions", "--json", "no/such/x.json"), "there is no folder no/such"),
        (("grade", "solutions", "--html", "labs"), "--html labs is a folder: name a file."),
        (("grade", "solutions", "--seeds", "0"), "0 is not in the range"),
        (("frobnicate",), "No such command 'frobnicate'"),
    ],
)
def test_unusable_arguments_get_a_sentence_and_exit_code_2(
    arguments: tuple[str, ...], sentence: str
) -> None:
    result = autograder(*arguments)
    assert result.returncode == 2
    assert sentence in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_a_fault_of_ours_costs_no_points_and_has_a_code_of_its_own(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", "/nonexistent")
    program = (
        "import tempfile; tempfile.mkdtemp = None\nfrom autograder.__main__ import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "grade", str(root), *QUICK, "--jobs", "1"],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert result.returncode == 3
    assert "undecided: our fault" in result.stdout


def test_labs_lists_every_test_with_its_points() -> None:
    result = autograder("labs", env={**os.environ, "COLUMNS": "200"})
    for test in list_tests(LABS["mapreduce"]):
        assert test.name in result.stdout
    assert "mapreduce: MapReduce, 100 points" in result.stdout


@pytest.mark.parametrize("name", LABS)
def test_no_module_of_a_suite_is_left_out(name: str) -> None:
    suite = LABS[name].suite
    assert sorted(suite) == sorted((SUITES / name).glob("test_*.py"))


@pytest.mark.parametrize(("version", "code"), [((3, 10, 13), 1), ((3, 15, 0), 1), ((3, 14, 2), 0)])
def test_another_python_gets_one_sentence(version: tuple[int, ...], code: int) -> None:
    program = f"import sys; sys.version_info = {version}; import autograder"
    result = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True)
    assert result.returncode == code
    assert len(result.stderr.splitlines()) == code
