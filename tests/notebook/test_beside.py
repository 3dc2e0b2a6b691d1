"""Files that were changed beside their cells, and cells that were changed and not run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.catalog import GIVEN, LABS
from autograder.notebook import beside

LAB = LABS["lock"]
STUB = (GIVEN / "lock" / "lock.py").read_text(encoding="utf-8")
MINE, YOURS = STUB + "MINE = 1\n", STUB + "YOURS = 1\n"


class Shell:
    """What of IPython's shell is used."""

    def __init__(self) -> None:
        self.magic: Callable[[str, str], None] = self.plain

    def plain(self, line: str, cell: str) -> None:
        Path(line).write_text(cell, encoding="utf-8")

    def find_cell_magic(self, name: str) -> Callable[[str, str], None]:
        assert name == "writefile"
        return self.magic

    def register_magic_function(
        self, function: Callable[[str, str], None], kind: str, name: str
    ) -> None:
        assert (kind, name) == ("cell", "writefile")
        self.magic = function


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder with the released notebook and file."""
    place = tmp_path / "lock"
    place.mkdir()
    (place / "lock.ipynb").write_bytes((GIVEN / "lock" / "lock.ipynb").read_bytes())
    (place / "lock.py").write_text(STUB, encoding="utf-8")
    monkeypatch.chdir(place)
    monkeypatch.setattr(beside, "_ran", {})
    return place


def save_cell(folder: Path, text: str) -> None:
    """What Jupyter does when the student saves the notebook with this text in the cell."""
    notebook = json.loads((folder / "lock.ipynb").read_bytes())
    (cell,) = (each for each in notebook["cells"] if each["id"] == "file-lock")
    cell["source"] = f"%%writefile lock.py\n{text}".removesuffix("\n")
    (folder / "lock.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def run_cell(text: str, name: str = "lock.py") -> None:
    shell = Shell()
    beside.guard(shell)
    shell.magic(name, text)


def held(folder: Path) -> str:
    return (folder / "lock.py").read_text(encoding="utf-8")


# --- what checks say ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "cell", "word"),
    [
        (STUB, STUB, None),
        (MINE, STUB, None),
        (MINE, MINE, None),
        (MINE.replace("\n", "\r\n"), MINE + "\n\n", None),
        (STUB, MINE, "not run"),
        (YOURS, MINE, "both changed"),
    ],
)
def test_a_difference_is_said_when_both_were_changed(
    folder: Path, file: str, cell: str, word: str | None
) -> None:
    (folder / "lock.py").write_bytes(file.encode())
    save_cell(folder, cell)
    said = list(beside.differences(folder, LAB))
    assert len(said) == (word is not None)
    assert word is None or word in said[0]


def test_a_cell_that_was_run_and_not_saved_yet_is_no_difference(folder: Path) -> None:
    save_cell(folder, MINE)
    run_cell(YOURS)
    assert list(beside.differences(folder, LAB)) == []
    (folder / "lock.py").write_text(YOURS + "LATER = 1\n")
    assert len(list(beside.differences(folder, LAB))) == 1


@pytest.mark.parametrize("content", [None, b"{", b'{"cells": []}'])
def test_without_a_notebook_there_is_nothing_to_say(folder: Path, content: bytes | None) -> None:
    (folder / "lock.ipynb").unlink()
    if content is not None:
        (folder / "lock.ipynb").write_bytes(content)
    (folder / "lock.py").write_text(MINE)
    assert list(beside.differences(folder, LAB)) == []


# --- what %%writefile does ------------------------------------------------------------------------


def test_a_changed_cell_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_cell(MINE)
    run_cell(YOURS)
    assert held(folder) == YOURS
    assert sorted(path.name for path in folder.iterdir()) == ["lock.ipynb", "lock.py"]
    assert capsys.readouterr().out == ""


def test_an_untouched_cell_does_not_undo_what_was_edited_beside_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "lock.py").write_text(MINE)
    run_cell(STUB)
    assert held(folder) == MINE
    assert "lock.py was changed beside this notebook and is kept" in capsys.readouterr().out


def test_if_both_were_changed_the_cell_is_written_and_the_file_kept_aside(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "lock.py").write_text(YOURS)
    run_cell(MINE)
    assert held(folder) == MINE
    assert (folder / "lock.py~").read_text() == YOURS
    assert "kept in lock.py~" in capsys.readouterr().out


def test_after_a_restart_the_text_of_the_saved_cell_is_known(folder: Path) -> None:
    save_cell(folder, MINE)
    (folder / "lock.py").write_text(MINE)
    run_cell(YOURS)
    assert held(folder) == YOURS
    assert not (folder / "lock.py~").exists()


def test_a_file_that_is_missing_is_written(folder: Path) -> None:
    (folder / "lock.py").unlink()
    run_cell(STUB)
    assert held(folder) == STUB


def test_other_files_are_written_as_ever(folder: Path) -> None:
    (folder / "notes.txt").write_text("a")
    run_cell("b", "notes.txt")
    assert (folder / "notes.txt").read_text() == "b"


def test_without_a_notebook_files_are_written_as_ever(folder: Path) -> None:
    (folder / "lock.ipynb").unlink()
    (folder / "lock.py").write_text(MINE)
    run_cell(STUB)
    assert held(folder) == STUB


def test_the_magic_is_put_in_place_once(folder: Path) -> None:
    shell = Shell()
    beside.guard(shell)
    first = shell.magic
    beside.guard(shell)
    assert shell.magic is first
