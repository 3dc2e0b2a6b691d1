"""Files and the cells that write them: which was changed, and that neither is lost.

A student may edit `server.py` in a cell or beside the notebook; checks run what stands in the file. The
notebook knows its stubs by their fingerprints, so that an untouched cell can be told from a changed one.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.catalog import LABS, Lab
from autograder.notebook import cells

KEPT = "~"  # behind the name of a file, for the copy of what it held

_ran: dict[Path, str] = {}  # what cells have written in this kernel


class Act(enum.Enum):
    """What to do when a cell is to write a file."""

    WRITE = enum.auto()
    KEEP_FILE = enum.auto()  # the cell is the stub, and the file is more
    KEEP_COPY = enum.auto()  # both are more, and differ


@dataclass(frozen=True)
class Saved:
    """What the notebook file holds: the texts of its cells, and the fingerprints of its stubs."""

    texts: Mapping[str, str]
    stubs: Mapping[str, str]

    def is_stub(self, file: str, text: str) -> bool:
        """Whether this is what was handed out."""
        return self.stubs.get(file) == cells.fingerprint(text)


def saved_in(folder: Path, lab: Lab) -> Saved:
    """What the lab's notebook in a folder holds; nothing if it cannot be read."""
    try:
        notebook = cells.parse((folder / f"{lab.name}.ipynb").read_bytes())
    except (OSError, cells.Unreadable):
        return Saved({}, {})
    texts = {each.file: each.text for each in cells.written(notebook, lab)}
    return Saved(texts, notebook.stubs)


def differences(folder: Path, lab: Lab) -> Iterator[str]:
    """What to say of files that are not what their cells are."""
    saved = saved_in(folder, lab)
    for file in lab.files:
        path = folder / file.split("/")[1]
        held, cell = content(path), saved.texts.get(file)
        if held is None or cell is None or same(held, cell) or saved.is_stub(file, cell):
            continue
        if same(held, _ran.get(path)):
            continue  # the cell was run, and the notebook is not saved yet
        if saved.is_stub(file, held):
            yield f"The cell of {path.name} was changed and not run: the checks see the file, the stub."
        else:
            yield (
                f"{path.name} and its cell were both changed, and differ. The checks see the file. Run the "
                "cell to put its text there; or copy the file into the cell."
            )


def act_for(path: Path, file: str, text: str, saved: Saved) -> Act:
    """What to do when a cell with this text is to write that file."""
    held = content(path)
    if held is None or same(held, text) or saved.is_stub(file, held):
        return Act.WRITE
    if saved.is_stub(file, text):
        return Act.KEEP_FILE
    known = same(held, _ran.get(path)) or same(held, saved.texts.get(file))
    return Act.WRITE if known else Act.KEEP_COPY


def guard(shell: Any) -> None:
    """Put a `%%writefile` in front of IPython's that loses nothing that a file holds."""
    original = shell.find_cell_magic("writefile")
    if original is None or getattr(original, "guards", False):
        return

    def writefile(line: str, cell: str) -> None:
        guarded(line, cell, original)

    writefile.__doc__ = original.__doc__
    writefile.guards = True  # type: ignore[attr-defined]
    shell.register_magic_function(writefile, "cell", "writefile")


def guarded(line: str, cell: str, original: Callable[[str, str], None]) -> None:
    """Write a cell to its file, unless that would lose what was written beside the notebook."""
    header, _ = cells.split_header(f"%%writefile {line}")
    lab, folder = lab_in(Path.cwd()), Path.cwd()
    name = header.name if header else ""
    file = cells.file_of(name, lab) if lab else None
    if lab is None or header is None or header.append or file not in lab.files:
        original(line, cell)
        return
    path = folder / name
    act = act_for(path, file, cell, saved_in(folder, lab))
    if act is Act.KEEP_FILE:
        print(f"{name} was changed beside this notebook and is kept; this cell is still the stub.")
        return
    if act is Act.KEEP_COPY:
        copy = path.with_name(path.name + KEPT)
        os.replace(path, copy)
        print(f"{name} held another text than this cell: it is kept in {copy.name}.")
    original(line, cell)
    _ran[path] = cell


def lab_in(folder: Path) -> Lab | None:
    """The lab whose notebook stands in a folder; that of the folder's name first."""
    labs = sorted(LABS.values(), key=lambda lab: lab.name != folder.name)
    return next((lab for lab in labs if (folder / f"{lab.name}.ipynb").is_file()), None)


def content(path: Path) -> str | None:
    """The text of a file; None if there is none to read."""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None


def same(one: str, other: str | None) -> bool:
    """Whether two texts are the same, the empty lines at the end aside."""
    return other is not None and one.rstrip() == other.rstrip()
