"""`check` outside of a notebook, and what stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.catalog import GIVEN, LABS, REPOSITORY
from autograder.notebook import check, live
from autograder.notebook.board import Board, Failure
from autograder.notebook.child import Child, Lost
from autograder.notebook.events import Checks, Decided, Event
from autograder.notebook.suite import Nothing, chosen
from autograder.verdict import TestVerdict, Verdict

LAB = LABS["lock"]
SOLUTIONS = REPOSITORY / "solutions"


def verdict(name: str, found: Verdict, points: int = 0) -> TestVerdict:
    return TestVerdict(name, points, 4, found, "A promise.", "seen", 1, "pytest x", 0.0, 0.0)


def order(root: Path, figures: Path, lab: str = "lock") -> Checks:
    return Checks(str(root), lab, "pace", str(figures), "..", 1)


# --- what is meant --------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["pace", "test_pace"])
def test_a_module_is_meant_by_its_name(part: str) -> None:
    (module,) = chosen(LAB, part)
    assert module.stem == "test_pace"
    assert len(chosen(LAB, part)[module]) == 2


def test_without_a_part_all_tests_are_meant() -> None:
    assert [path.stem for path in chosen(LAB, "")] == [path.stem for path in LAB.suite]


@pytest.mark.parametrize("part", ["release", "by another"])
def test_tests_are_meant_by_a_piece_of_their_names(part: str) -> None:
    names = [test.name for tests in chosen(LAB, part).values() for test in tests]
    assert "test_release_by_another" in names
    assert all(part.replace(" ", "_") in name for name in names)


def test_what_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(Nothing, match="locks, maybe, holders, pace, own_store"):
        chosen(LAB, "speed")


# --- outside of a notebook ------------------------------------------------------------------------


def test_check_prints_lines_where_there_is_no_notebook(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(SOLUTIONS / "lock")
    check("lock", "pace")
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines[:2]) == [
        "PASS       4/4  test_pace",
        "PASS       4/4  test_waiting_costs_little",
    ]
    assert lines[2:] == ["lock: 2 of 2 tests passed, 8 of 8 points"]


def test_check_raises_and_prints_the_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lock").mkdir()
    (tmp_path / "lock" / "lock.py").write_bytes((GIVEN / "lock" / "lock.py").read_bytes())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(live.ChecksFailed, match=r"0 of 1 tests passed, 0 of 4 points\.\n"):
        check("lock", "test_waiting_costs_little")
    said = capsys.readouterr().out
    assert "Lock.__init__ is yours to write" in said
    assert "repeat    pytest ./lock::test_waiting_costs_little --seed" in said


def test_a_lab_or_a_part_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SOLUTIONS)
    with pytest.raises(live.CannotCheck, match="no lab 'raft'"):
        check("raft")
    with pytest.raises(live.CannotCheck, match="no checks 'speed'"):
        check("lock", "speed")


def test_a_notebook_in_a_folder_of_another_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(live.CannotCheck, match="belongs into a folder lock"):
        check("lock")


def test_files_of_the_students_folder_stand_for_no_module_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lock").mkdir()
    (tmp_path / "lock" / "lock.py").write_bytes((SOLUTIONS / "lock" / "lock.py").read_bytes())
    (tmp_path / "lock" / "random.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path / "lock")
    check("lock", "test_pace")


def test_a_difference_between_file_and_cell_stands_above_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lock").mkdir()
    notebook = (GIVEN / "lock" / "lock.ipynb").read_text(encoding="utf-8")
    changed = notebook.replace("POLL = 0.02", "POLL = 0.01")
    (tmp_path / "lock" / "lock.ipynb").write_text(changed, encoding="utf-8")
    (tmp_path / "lock" / "lock.py").write_bytes((SOLUTIONS / "lock" / "lock.py").read_bytes())
    monkeypatch.chdir(tmp_path / "lock")
    check("lock", "test_pace")
    assert "lock.py and its cell were both changed" in capsys.readouterr().out.splitlines()[0]


# --- the process that runs them -------------------------------------------------------------------


def test_a_process_that_dies_is_our_fault_and_its_last_words_are_kept(tmp_path: Path) -> None:
    with Child(order(SOLUTIONS, tmp_path)) as child:
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(Lost):
            list(child.events())
    with Child(order(SOLUTIONS, tmp_path, lab="raft")) as child, pytest.raises(Lost) as lost:
        list(child.events())
    assert "KeyError: 'raft'" in str(lost.value)


def test_an_interrupt_ends_all_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    children: list[psutil.Process] = []

    class Watched(Child):
        def events(self) -> Iterator[Event]:
            for event in super().events():
                process = psutil.Process(self.pid)
                children[:] = [process, *process.children(recursive=True)]
                if isinstance(event, Decided):
                    raise KeyboardInterrupt
                yield event

    monkeypatch.setattr(live, "Child", Watched)
    monkeypatch.chdir(SOLUTIONS)
    with pytest.raises(live.ChecksInterrupted):
        check("lock", "holders")
    assert "interrupted" in capsys.readouterr().out
    assert len(children) > 1
    assert psutil.wait_procs(children, timeout=20)[1] == []


def test_with_its_kernel_the_process_ends(tmp_path: Path) -> None:
    """A kernel that is killed closes the pipe, and has no time for anything else."""
    script = (
        "import sys; from pathlib import Path\n"
        "from autograder.notebook.child import Child\n"
        "from autograder.notebook.events import Checks\n"
        f"child = Child(Checks({str(SOLUTIONS)!r}, 'lock', '', {str(tmp_path)!r}, '..', 1))\n"
        "next(child.events()); print(child.pid, flush=True); sys.stdin.read()\n"
    )
    kernel = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert kernel.stdout is not None
    process = psutil.Process(int(kernel.stdout.readline()))
    processes = [process, *process.children(recursive=True)]
    kernel.kill()
    kernel.communicate()
    assert psutil.wait_procs(processes, timeout=20)[1] == []


# --- what is shown --------------------------------------------------------------------------------


def test_the_board_grows() -> None:
    board = Board("lock", ["Careful."])
    assert repr(board) == "Careful.\nlock: starting"
    board.tests, board.state = {"test_a": 4, "test_b": 4}, "running"
    assert board._repr_html_().count("<tr>") == 3
    assert "0 of 8 points; running" in repr(board)
    board.verdicts["test_b"] = verdict("test_b", Verdict.PASS, 4)
    assert "1 of 2 tests passed, 4 of 8 points; running" in repr(board)
    board.verdicts["test_a"] = verdict("test_a", Verdict.UNKNOWN)
    board.state = "done"
    assert repr(board).splitlines() == [
        "Careful.",
        "UNKNOWN    0/4  test_a",
        "PASS       4/4  test_b",
        "lock: 1 of 2 tests passed, 4 of 8 points",
    ]
    assert [each.name for each in board.failed] == ["test_a"]
    assert "Careful." in board._repr_html_()


def test_what_is_shown_as_html_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    board = Board(evil, [evil], {evil: 1}, {evil: verdict(evil, Verdict.FAIL)})
    assert "<script" not in board._repr_html_()
    assert "<script" not in Failure(evil, evil, None)._repr_html_()
    assert "<script" not in Failure(evil, evil, evil)._repr_html_()  # in an attribute


def test_errors_are_shown_without_a_traceback() -> None:
    for error in (live.ChecksFailed("a"), live.CannotCheck("b"), live.ChecksInterrupted("c")):
        assert error._render_traceback_() == [f"{type(error).__name__}: {error}"]
