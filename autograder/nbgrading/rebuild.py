"""The notebook that is graded: the instructor's, with the student's texts put into it.

Nothing of a student's notebook but text gets there: no cell, no metadata, no output. So nbgrader reads
only what the instructor wrote, whatever was handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.catalog import Lab
from autograder.nbgrading.inert import plain, preformatted
from autograder.notebook.cells import file_of, split_header

MISSING = "# Nothing was handed in for this file."


def read_source(path: Path) -> NotebookNode:
    """The instructor's notebook, without outputs."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def fill(
    notebook: NotebookNode, lab: Lab, files: Mapping[str, bytes], answers: Mapping[str, str]
) -> None:
    """Put a student's files into the cells that write them, and the answers into theirs, by id."""
    seen: set[str] = set()
    for cell in notebook.cells:
        if (file := file_in(cell, lab)) is not None:
            fill_file(cell, None if file in seen else files.get(file, b""))
            seen.add(file)
        elif is_answer(cell):
            fill_answer(cell, answers.get(cell.metadata.nbgrader.grade_id))


def file_in(cell: NotebookNode, lab: Lab) -> str | None:
    """The student's file that a cell of the instructor's notebook writes; None if it writes none."""
    header = split_header(cell.source)[0] if cell.cell_type == "code" else None
    file = file_of(header.name, lab) if header else None
    return file if file in lab.files else None


def fill_file(cell: NotebookNode, text: bytes | None) -> None:
    """Show a file in its cell; None: a cell before shows it already."""
    header, _, stub = cell.source.partition("\n")
    if text is None:
        cell.source = f"{header}\n# This file stands above, whole."
        return
    shown = plain(text.decode("utf-8", "replace")).strip("\n")
    if shown != stub.strip("\n"):  # else it stays the same to the letter, and nbgrader sees that
        cell.source = f"{header}\n{shown or MISSING}"


def is_answer(cell: NotebookNode) -> bool:
    """Whether a cell is one that students write into and an instructor reads."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def fill_answer(cell: NotebookNode, text: str | None) -> None:
    """Show an answer in its cell; None if there is none, which leaves what the instructor wrote."""
    if text is None or text.strip() == cell.source.strip():
        return
    cell.source = plain(text) if cell.cell_type == "code" else preformatted(text)


def answer_ids(notebook: NotebookNode, lab: Lab) -> list[str]:
    """The ids of the cells with answers: those that students write into but for their files."""
    return [
        cell.metadata.nbgrader.grade_id
        for cell in notebook.cells
        if is_answer(cell) and file_in(cell, lab) is None
    ]
