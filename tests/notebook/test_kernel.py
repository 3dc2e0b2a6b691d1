"""The notebook in a kernel: a solution in its cells passes every check, a stub fails with its sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from autograder.catalog import GIVEN, LABS, REPOSITORY

KV = LABS["kv"].files
# An nbgrader's validation of every notebook that is named: what it prints.
VALIDATE = """
import sys
from nbgrader.validator import Validator
for path in sys.argv[1:]:
    print(path, file=sys.stderr)
    Validator().validate_and_print(path)
"""

pytestmark = pytest.mark.filterwarnings("default")  # what Jupyter's libraries deprecate


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    """What a student has of two labs, of which the first is done."""
    for lab in ("kv", "lock"):
        (tmp_path / "labs" / lab).mkdir(parents=True)
    for file in KV:
        (tmp_path / "labs" / file).write_bytes((REPOSITORY / "solutions" / file).read_bytes())
    for name in ("lock.ipynb", "lock.py"):
        (tmp_path / "labs" / "lock" / name).write_bytes((GIVEN / "lock" / name).read_bytes())
    return tmp_path / "labs"


def released(*checks: str) -> Any:
    """The notebook with all that it has, or with these checks alone."""
    text = (GIVEN / "lock" / "lock.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    others = [f"check-{path.stem}" for path in LABS["lock"].suite if path.stem not in checks]
    if checks:
        notebook.cells = [cell for cell in notebook.cells if cell.id not in others]
    return notebook


def solve(notebook: Any) -> Any:
    text = (REPOSITORY / "solutions" / "lock" / "lock.py").read_text(encoding="utf-8")
    cell_of(notebook, "file-lock").source = f"%%writefile lock.py\n{text.rstrip()}"
    return notebook


def cell_of(notebook: Any, id: str) -> Any:
    (found,) = (cell for cell in notebook.cells if cell.id == id)
    return found


def execute(notebook: Any, folder: Path) -> Any:
    """Run all cells, also those after one that raises."""
    metadata = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, allow_errors=True, resources=metadata).execute()
    return notebook


def displays(cell: Any) -> list[Any]:
    return [output.data for output in cell.outputs if output.output_type == "display_data"]


def errors(cell: Any) -> list[Any]:
    return [output for output in cell.outputs if output.output_type == "error"]


def test_a_solution_in_the_cells_passes_every_check(labs: Path) -> None:
    notebook = execute(solve(released()), labs / "lock")
    for module in LABS["lock"].suite:
        cell = cell_of(notebook, f"check-{module.stem}")
        assert errors(cell) == []
        (board,) = displays(cell)
        points = cell.metadata["nbgrader"]["points"]
        assert f"{points} of {points} points" in board["text/plain"]
        assert "FAIL" not in board["text/html"]
        assert board["text/html"].count(">PASS<") == board["text/plain"].count("PASS")
    solution = (REPOSITORY / "solutions" / "lock" / "lock.py").read_bytes()
    assert (labs / "lock" / "lock.py").read_bytes() == solution


def test_a_stub_fails_with_table_picture_sentence_and_command(labs: Path) -> None:
    notebook = execute(released("test_pace"), labs / "lock")
    cell = cell_of(notebook, "check-test_pace")
    board, *failures = displays(cell)
    assert "lock: 0 of 2 tests passed, 0 of 8 points" in board["text/plain"]
    assert board["text/html"].count(">FAIL<") == 2
    assert "<iframe" in failures[0]["text/html"]
    assert 'sandbox="allow-scripts"' in failures[0]["text/html"]
    (error,) = errors(cell)
    assert error.ename == "ChecksFailed"
    (shown,) = error.traceback
    assert "promised" in shown
    assert "Lock.__init__ is yours to write" in shown
    assert "pytest ../lock::test_" in shown
    assert len(shown) < 2_000
    repeat = next(line for line in shown.splitlines() if line.startswith("repeat"))
    again = [sys.executable, "-m", *repeat.split()[1:]]
    ran = subprocess.run(again, cwd=labs / "lock", capture_output=True, text=True)
    assert "Lock.__init__ is yours to write" in ran.stdout


def test_a_file_that_was_filled_in_beside_the_notebook_is_checked(labs: Path) -> None:
    solution = (REPOSITORY / "solutions" / "lock" / "lock.py").read_bytes()
    (labs / "lock" / "lock.py").write_bytes(solution)
    notebook = execute(released("test_pace"), labs / "lock")
    (said,) = (output.text for output in cell_of(notebook, "file-lock").outputs)
    assert "is kept" in said
    assert (labs / "lock" / "lock.py").read_bytes() == solution
    assert errors(cell_of(notebook, "check-test_pace")) == []


def test_the_table_grows_while_checks_run_and_an_interrupt_ends_them(labs: Path) -> None:
    """Of all messages of one cell: the interrupt is sent when the first verdict is shown."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(labs / "lock"))
    boards: list[str] = []
    error: dict[str, Any] = {}
    kernel: Any = manager.provisioner
    interrupted = False
    try:
        client.execute('from autograder.notebook import check\ncheck("lock")')
        while not error:
            message = client.get_iopub_msg(timeout=60)
            content = message["content"]
            if message["msg_type"] in ("display_data", "update_display_data"):
                boards.append(content["data"]["text/plain"])
                if "FAIL" in boards[-1] and not interrupted:
                    interrupted = True
                    manager.interrupt_kernel()
            elif message["msg_type"] == "error":
                error = content
        assert psutil.Process(kernel.pid).children(recursive=True) == []
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert error["traceback"] == ["ChecksInterrupted: the checks were interrupted."]
    assert boards[0] == "lock: starting"
    assert boards[1] == "lock: 0 of 21 tests passed, 0 of 100 points; running"
    assert boards[-1].endswith("interrupted")
    assert boards[-1].count("FAIL") < 21


def test_nbgrader_validates_a_solution_and_no_stub(labs: Path) -> None:
    said = {}
    for name, notebook in (
        ("solved", solve(released("test_pace"))),
        ("stub", released("test_pace")),
    ):
        folder = labs.parent / name
        (folder / "lock").mkdir(parents=True)
        (folder / "lock" / "lock.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        said[name] = folder / "lock" / "lock.ipynb"
    ran = subprocess.run(
        [sys.executable, "-c", VALIDATE, *map(str, said.values())],
        capture_output=True,
        text=True,
        check=True,
    )
    solved, stub = ran.stdout.split("Success! Your notebook passes all the tests.")
    assert solved.strip() == ""
    assert "VALIDATION FAILED ON 1 CELL(S)" in stub
    assert "Lock.__init__ is yours to write" in stub
