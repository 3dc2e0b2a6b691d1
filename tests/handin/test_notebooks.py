"""Hand-ins of notebooks, and what students do to their cells."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from autograder.handin import HandIn
from tests.handin.helpers import (
    CLERK,
    SERVER,
    SOLVED,
    STUBS,
    cell,
    code,
    fill,
    filled,
    released,
    said,
    save,
    take,
    write,
)

CELLS_ALONE = "Only a notebook was handed in, and no .py files: its cells were taken."


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def solved(folder: Path, notebook: dict[str, Any]) -> HandIn:
    """What is found where this notebook was handed in: the solution, whatever was done to its cells."""
    save(folder, notebook)
    found = take(folder)
    assert found.files == SOLVED
    return found


def test_the_cells_of_a_notebook_are_taken(tmp_path: Path) -> None:
    save(tmp_path, filled())
    assert take(tmp_path) == HandIn(SOLVED, [CELLS_ALONE])


def test_the_released_notebook_gives_the_stubs(tmp_path: Path) -> None:
    save(tmp_path, released())
    found = take(tmp_path)
    assert found.files == STUBS
    assert said(found, "no outputs")


def test_a_deleted_file_cell_is_the_stub(tmp_path: Path) -> None:
    notebook = filled()
    notebook["cells"].remove(cell(notebook, "file-clerk"))
    notebook["cells"].remove(cell(notebook, "check-test_pace"))
    save(tmp_path, notebook)
    found = take(tmp_path)
    assert found.files == {SERVER: SOLVED[SERVER], CLERK: STUBS[CLERK]}
    assert said(found, "deleted", "file-clerk", "check-test_pace")
    assert said(found, CLERK, "the stub stands in")


def test_of_a_duplicated_cell_the_last_that_was_changed_is_taken(tmp_path: Path) -> None:
    notebook = filled()
    for text in (SOLVED[SERVER] + b"LAST = 1\n", STUBS[SERVER]):
        twin = copy.deepcopy(cell(notebook, "file-server"))
        fill(twin, SERVER, text)
        notebook["cells"].append(twin | {"id": "x"})
    save(tmp_path, notebook)
    found = take(tmp_path)
    assert found.files[SERVER] == SOLVED[SERVER] + b"LAST = 1\n"
    assert said(found, SERVER, "3 times")
    assert said(found, "more than once", "file-server")


@pytest.mark.parametrize("keeps_id", [True, False])
def test_a_cell_that_was_split_is_put_together(tmp_path: Path, keeps_id: bool) -> None:
    notebook = filled()
    first = cell(notebook, "file-server")
    lines = source(first).splitlines(keepends=True)
    # In the middle of a class, as an editor splits where the cursor is.
    middle = next(n for n, line in enumerate(lines) if line.startswith("    @handler"))
    first["source"] = lines[:middle]
    metadata = first["metadata"] if keeps_id else {}
    rest = first | {"id": "rest", "source": lines[middle:], "metadata": metadata}
    notebook["cells"].insert(notebook["cells"].index(first) + 1, rest)
    found = solved(tmp_path, notebook)
    assert said(found, SERVER, "split")


def test_a_cell_of_the_students_own_is_no_part_of_a_file(tmp_path: Path) -> None:
    notebook = filled()
    place = notebook["cells"].index(cell(notebook, "file-server"))
    notebook["cells"].insert(place + 1, code("print('scratch')"))
    solved(tmp_path, notebook)


def test_a_cell_can_be_appended_to(tmp_path: Path) -> None:
    notebook = filled()
    notebook["cells"] += [code("%%writefile -a server.py\nMORE = 1"), code("1 + 1")]
    save(tmp_path, notebook)
    assert take(tmp_path).files == {**SOLVED, SERVER: SOLVED[SERVER] + b"MORE = 1\n"}


def test_moved_cells_are_found(tmp_path: Path) -> None:
    notebook = filled()
    notebook["cells"].reverse()
    found = solved(tmp_path, notebook)
    assert said(found, "moved")


def test_a_cell_without_its_id_is_found_by_its_first_line(tmp_path: Path) -> None:
    notebook = filled()
    for each in notebook["cells"]:
        each["metadata"] = {}
    found = solved(tmp_path, notebook)
    assert said(found, SERVER, "lost its id")


def test_a_cell_without_its_first_line_is_found_by_its_id(tmp_path: Path) -> None:
    notebook = filled()
    server = cell(notebook, "file-server")
    server["source"] = server["source"][1:]
    found = solved(tmp_path, notebook)
    assert said(found, SERVER, "lost its first line")


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("kv/server.py", False),
        ("./server.py", True),
        ("'server.py'", False),
        ("../kv/server.py", True),
        ("..\\kv\\server.py", True),
        ("/home/me/kv/server.py", True),
        ("server2.py", True),
        ("../../alice/exactly_once/clerk.py", True),
        ("../../../etc/passwd", True),
        ("", True),
    ],
)
def test_a_cell_may_name_its_file_oddly(tmp_path: Path, name: str, odd: bool) -> None:
    notebook = filled()
    server = cell(notebook, "file-server")
    server["source"][0] = f"%%writefile {name}\n"
    save(tmp_path, notebook)
    found = take(tmp_path)
    assert {SERVER, CLERK} <= found.files.keys()
    if name not in ("server2.py", "../../alice/exactly_once/clerk.py"):
        assert found.files == SOLVED
        assert said(found, SERVER, "another name") == odd


@pytest.mark.parametrize(
    "name", ["../evil.py", "/tmp/evil.py", "../../kv/../evil.py", "a/b.py", "x.sh"]
)
def test_a_cell_cannot_name_a_place_outside_the_lab(tmp_path: Path, name: str) -> None:
    notebook = filled()
    notebook["cells"].append(code(f"%%writefile {name}\nEVIL = 1"))
    solved(tmp_path, notebook)


def test_a_cell_may_add_a_file(tmp_path: Path) -> None:
    notebook = filled()
    notebook["cells"].append(code("%%writefile helper.py\nHELP = 1"))
    save(tmp_path, notebook)
    assert take(tmp_path).files == {**SOLVED, "kv/helper.py": b"HELP = 1\n"}


def test_extra_graded_cells_are_worth_nothing(tmp_path: Path) -> None:
    notebook = filled()
    bonus = code("100", grade=True, grade_id="bonus", points=100, schema_version=3, solution=False)
    notebook["cells"].append(bonus)
    found = solved(tmp_path, notebook)
    assert said(found, "worth nothing", "bonus")


def test_another_kernel_is_said(tmp_path: Path) -> None:
    notebook = filled()
    notebook["metadata"] = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}
    found = solved(tmp_path, notebook)
    assert said(found, "another kernel", "R")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"<<<<<<< HEAD\n{}",
        b"[]",
        b'{"cells": 3}',
        b'{"cells": [3]}',
        b"\xff\xfe\x00",
        b"\x80\x81",
        b"[" * 1_000_000,
        b'{"cells": [{"cell_type": "code", "source": ' + b"[" * 1_000_000,
        b'{"cells": [], "x": ' + b'{"a":' * 1_000_000 + b"}" * 1_000_001,
    ],
)
def test_what_is_no_notebook_is_said_and_the_files_are_taken(
    tmp_path: Path, content: bytes
) -> None:
    write(tmp_path, {"kv.ipynb": content, **SOLVED})
    found = take(tmp_path)
    assert found.files == SOLVED
    assert said(found, "kv.ipynb", "is no notebook", "not read")


@pytest.mark.parametrize(
    "part",
    [
        {"source": None},
        {"source": [1, 2]},
        {"source": "\ud800"},
        {"metadata": []},
        {"metadata": {"nbgrader": 5}},
        {"metadata": {"nbgrader": {"grade_id": ["x"], "grade": "yes"}}},
        {"outputs": "none"},
        {"outputs": [float("nan")]},
    ],
)
def test_a_cell_that_is_none_spoils_no_other(tmp_path: Path, part: dict[str, Any]) -> None:
    notebook = filled()
    notebook["cells"] = [code("1") | part, *notebook["cells"]]
    solved(tmp_path, notebook)


def test_a_notebook_with_a_byte_order_mark_and_windows_line_ends_is_read(tmp_path: Path) -> None:
    notebook = filled()
    server = cell(notebook, "file-server")
    server["source"] = source(server).replace("\n", "\r\n")
    text = json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()
    write(tmp_path, {"kv.ipynb": b"\xef\xbb\xbf" + text})
    assert take(tmp_path).files == SOLVED


def test_a_notebook_of_another_name_is_read(tmp_path: Path) -> None:
    save(tmp_path, filled(), "work/kv (1).ipynb")
    found = take(tmp_path)
    assert found.files == SOLVED
    assert said(found, "work/kv (1).ipynb", "not kv.ipynb")


def test_of_two_notebooks_the_one_of_the_right_name_comes_first(tmp_path: Path) -> None:
    save(tmp_path, filled(), "kv.ipynb")
    save(tmp_path, filled({SERVER: SOLVED[SERVER] + b"OLD = 1\n"}), "a.ipynb")
    found = take(tmp_path)
    assert found.files == SOLVED
    assert said(found, SERVER, "2 times", "a.ipynb")


def test_a_notebook_of_another_lab_and_the_copies_of_an_editor_are_not_read(tmp_path: Path) -> None:
    save(tmp_path, filled())
    wrong = filled({SERVER: b"WRONG = 1\n"})
    save(tmp_path, wrong, "lock.ipynb")
    save(tmp_path, wrong, ".ipynb_checkpoints/kv-checkpoint.ipynb")
    write(tmp_path, {"__pycache__/server.py": b"WRONG = 1\n"})
    assert take(tmp_path) == HandIn(SOLVED, [CELLS_ALONE])
