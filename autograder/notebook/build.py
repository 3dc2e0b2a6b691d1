"""Makes the notebook of a lab from its text and its stubs: one way, and the same bytes every time.

The text is a MyST notebook, `book/<lab>.md`. In it

    ```{literalinclude} ../labs/kv/server.py
    ```

becomes the `%%writefile` cell of a file that a student writes, and a code cell `check("kv", "losses")` a
graded cell, worth what the tests of that module are worth. What is tagged `book`, a cell or a stretch of
text, is left out: it needs what only the book has.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import jupytext

from autograder.catalog import LABS, Lab
from autograder.grading.tests import module_of, tests_in
from autograder.notebook.cells import check_id, expected_ids, file_id, fingerprint
from autograder.stubs.markers import StubsError

SCHEMA = 3  # of nbgrader's metadata
ONLY_IN_THE_BOOK = "book"  # a tag
# What Jupyter would show as it is written: directives, roles, and links without a text.
NOT_MARKDOWN = re.compile(r"^ *:::|^ *(?:```|~~~)\{|\{[a-z:-]+\}`|\[\]\(", re.MULTILINE)
INCLUDED = re.compile(r"^```\{literalinclude\} \.\./labs/(\S+)\n```$", re.MULTILINE)
Cell = dict[str, Any]
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(lab: Lab, text: str, stubs: Mapping[str, bytes]) -> bytes:
    """The notebook of a lab, as its file holds it; `stubs` are the lab's files, by their names.

    Raises `StubsError` unless each file and each module of the suite is there once, in their order.
    """
    cells = list(cells_of(lab, text, stubs))
    ids = [cell["id"] for cell in cells if cell["metadata"]]
    if ids != expected_ids(lab):
        expected = ", ".join(expected_ids(lab))
        raise StubsError(f"the notebook of {lab.name} needs the cells {expected}, in this order.")
    prints = {file: fingerprint(stubs[file].decode()) for file in lab.files}
    metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
        "autograder": {"lab": lab.name, "stubs": prints},
    }
    made = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def notebooks(book: Path, stubs: Mapping[str, bytes]) -> dict[str, bytes]:
    """The notebooks of all labs that have a text in `book`, by their names below `labs/`."""
    return {
        f"{lab.name}/{lab.name}.ipynb": notebook(lab, path.read_text(encoding="utf-8"), stubs)
        for lab in LABS.values()
        if (path := book / f"{lab.name}.md").is_file()
    }


# --- cells ----------------------------------------------------------------------------------------


def cells_of(lab: Lab, text: str, stubs: Mapping[str, bytes]) -> Iterator[Cell]:
    """The cells, with ids that depend on the text alone."""
    number = 0
    for cell in jupytext.reads(text, fmt="md:myst").cells:
        if ONLY_IN_THE_BOOK in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "code":
            parts = [code_cell(lab, cell.source)]
        else:
            parts = list(text_cells(lab, cell.source, stubs))
        for part in parts:
            if not part["id"]:
                number += 1
                part["id"] = f"{part['cell_type']}-{number}"
            yield part


def new_cell(kind: str, source: str) -> Cell:
    """A cell as it stands in the file, without an id yet."""
    cell: Cell = {"id": "", "cell_type": kind, "metadata": {}}
    cell["source"] = source.splitlines(keepends=True)
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def text_cells(lab: Lab, text: str, stubs: Mapping[str, bytes]) -> Iterator[Cell]:
    """The cells of a stretch of text, with one for each file that it includes."""
    pieces = INCLUDED.split(text)
    for number, piece in enumerate(pieces):
        if number % 2:
            yield file_cell(lab, piece, stubs)
        elif piece.strip():
            yield new_cell("markdown", markdown(lab, piece.strip()))


def markdown(lab: Lab, text: str) -> str:
    """The text, if a notebook can show it."""
    if found := NOT_MARKDOWN.search(text):
        line = text[found.start() :].strip().partition("\n")[0]
        raise StubsError(f"the notebook of {lab.name} cannot show `{line}`: tag its text `book`.")
    return text


def file_cell(lab: Lab, file: str, stubs: Mapping[str, bytes]) -> Cell:
    """The cell that writes a file, with exactly the stub in it."""
    if file not in lab.files:
        raise StubsError(f"the notebook of {lab.name} includes {file}, which is no student's.")
    text = stubs[file].decode().removesuffix("\n")  # which the magic puts back
    cell = new_cell("code", f"%%writefile {PurePosixPath(file).name}\n{text}")
    return graded(cell, file_id(file), solution=True)


def code_cell(lab: Lab, source: str) -> Cell:
    """A cell of code; one that calls `check` on a module is worth points."""
    cell = new_cell("code", source)
    module = checked(lab, source)
    if module is None:
        return cell
    points = sum(test.points for test in tests_in(module_of(lab, module)))
    return graded(cell, check_id(module), points=points)


def checked(lab: Lab, source: str) -> str | None:
    """The module that a cell `check("kv", "losses")` is about; None if it is another cell."""
    match ast.parse("" if source.startswith("%") else source).body:
        case [
            ast.Expr(
                ast.Call(ast.Name("check"), [ast.Constant(str(name)), ast.Constant(str(part))])
            )
        ]:
            if name != lab.name:
                raise StubsError(f"the notebook of {lab.name} checks {name!r}.")
            module = f"test_{part!s}"
            if module not in [path.stem for path in lab.suite]:
                raise StubsError(f"{lab.name} has no module {module} to check.")
            return module
    return None


def graded(cell: Cell, id: str, points: int | None = None, solution: bool = False) -> Cell:
    """The cell with nbgrader's metadata: the students' to change, or locked and worth points."""
    cell["id"] = id
    cell["metadata"]["nbgrader"] = {
        "schema_version": SCHEMA,
        "cell_type": "code",
        "grade_id": id,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
        **({} if points is None else {"points": points}),
    }
    return cell
