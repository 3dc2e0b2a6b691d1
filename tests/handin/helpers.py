"""Hand-ins to take apart: the released notebook of lab kv, filled in, and what students do to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder.catalog import GIVEN, LABS
from autograder.handin import HandIn, collect

LAB = LABS["kv"]
SERVER, CLERK = LAB.files
STUBS = {file: (GIVEN / file).read_bytes() for file in LAB.files}
SOLVED = {file: text + b"\nSOLVED = True\n" for file, text in STUBS.items()}
OTHER = {file: text + b"\nOTHER = True\n" for file, text in STUBS.items()}

Cell = dict[str, Any]


def released() -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads((GIVEN / "kv" / "kv.ipynb").read_text(encoding="utf-8"))
    return notebook


def filled(texts: dict[str, bytes] = SOLVED) -> dict[str, Any]:
    """The notebook with these texts in its cells, and an output."""
    notebook = released()
    for file, text in texts.items():
        fill(cell(notebook, f"file-{Path(file).stem}"), file, text)
    output = {"output_type": "stream", "name": "stdout", "text": "Overwriting"}
    cell(notebook, "file-server")["outputs"] = [output]
    return notebook


def fill(cell: Cell, file: str, text: bytes) -> None:
    source = f"%%writefile {Path(file).name}\n{text.decode().removesuffix(chr(10))}"
    cell["source"] = source.splitlines(keepends=True)


def cell(notebook: dict[str, Any], id: str) -> Cell:
    (found,) = (each for each in notebook["cells"] if each["id"] == id)
    assert isinstance(found, dict)
    return found


def code(source: str, **nbgrader: Any) -> Cell:
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    made: Cell = {"cell_type": "code", "metadata": metadata, "source": source, "outputs": []}
    return made


def save(folder: Path, notebook: dict[str, Any], name: str = "kv.ipynb") -> None:
    write(folder, {name: json.dumps(notebook).encode()})


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def take(folder: Path) -> HandIn:
    """What is collected, after a look at what must always hold."""
    found = collect(folder, LAB)
    for text in found.files.values():
        assert b"\r" not in text
        assert not text.startswith(b"\xef\xbb\xbf")
    assert all(each.endswith(".") and "\n" not in each for each in found.findings)
    assert len(set(found.findings)) == len(found.findings)
    return found


def said(found: HandIn, *words: str) -> bool:
    """Whether one finding holds all these words."""
    return any(all(word in each for word in words) for each in found.findings)
