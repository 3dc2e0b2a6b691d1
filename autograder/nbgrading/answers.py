"""What students wrote into the cells that an instructor reads and grades by hand."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from autograder.catalog import Lab
from autograder.handin.folder import Folder, Parts, Unread
from autograder.handin.sources import NOTEBOOK_LIMIT, is_notebook_for
from autograder.notebook import cells


def answers_in(folder: Path, lab: Lab, ids: Collection[str]) -> dict[str, str]:
    """The texts of the cells with these ids; never raises for what was handed in.

    Of several cells with one id the longest counts, and of several notebooks the one with the lab's name.
    """
    if not ids:
        return {}
    inside = Folder(folder, [f"{lab.name}.ipynb"])
    notebooks = [path for path in inside.files if is_notebook_for(path, lab)]
    notebooks.sort(key=lambda path: (path[-1] != f"{lab.name}.ipynb", len(path), path))
    found: dict[str, str] = {}
    for cell in parsed(inside, notebooks[0]) if notebooks else []:
        if cell.id in ids and len(cell.source) > len(found.get(cell.id, "")):
            found[cell.id] = cell.source
    return found


def parsed(folder: Folder, path: Parts) -> Collection[cells.Cell]:
    """The cells of a notebook; none if it is none."""
    try:
        return cells.parse(folder.read(path, NOTEBOOK_LIMIT)).cells
    except (Unread, cells.Unreadable):
        return []
