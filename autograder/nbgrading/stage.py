"""The folder from which nbgrader grades: of each submission what is safe to read and to hand back.

nbgrader copies all that lies in a submission's folder, through links, into `autograded/` and on into the
feedback. So it never gets to see that folder, but one like it in which everything was written by us.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath

import nbformat
from nbgrader.utils import parse_utc

from autograder.catalog import Lab
from autograder.handin import HandIn
from autograder.handin.folder import Folder, Unread
from autograder.nbgrading.answers import answers_in
from autograder.nbgrading.rebuild import answer_ids, fill, read_source

TIMESTAMP, LONGEST = "timestamp.txt", 100  # bytes


def prepare(submitted: Path, staged: Path, sources: Mapping[str, Path]) -> None:
    """Make the folder of one submission: the instructor's notebooks, and when it was handed in."""
    staged.mkdir(parents=True)
    for name, source in sources.items():
        nbformat.write(read_source(source), staged / name)
    if (moment := timestamp_of(submitted)) is not None:
        (staged / TIMESTAMP).write_text(f"{moment.isoformat(' ')} UTC\n", encoding="utf-8")


def timestamp_of(submitted: Path) -> datetime | None:
    """When a submission was handed in, as `nbgrader collect` wrote it down; None if nothing sensible."""
    try:
        text = Folder(submitted, [TIMESTAMP]).read((TIMESTAMP,), LONGEST).decode()
        moment: datetime | None = parse_utc(text.strip()) if text.strip() else None
        return moment
    except (Unread, ValueError, OverflowError, TypeError):
        return None


def complete(
    submitted: Path, staged: Path, sources: Mapping[str, Path], lab: Lab, hand_in: HandIn
) -> None:
    """Put a student's files and answers there, beside the notebook and into its cells."""
    for name, source in sources.items():
        notebook = read_source(source)
        answers = answers_in(submitted, lab, answer_ids(notebook, lab))
        fill(notebook, lab, hand_in.files, answers)
        nbformat.write(notebook, staged / name)
    for file, text in hand_in.files.items():
        path = staged / place_of(file, lab)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)


def place_of(file: str, lab: Lab) -> PurePosixPath:
    """Where a file stands beside the notebook: the lab's own right there, others in their folders."""
    path = PurePosixPath(file)
    return path.relative_to(lab.name) if path.parts[0] == lab.name else path
