"""Looks at a root before any of it runs. What is in it is hostile until it has been looked at."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autograder.catalog import Lab

SIZE_LIMIT = 1 << 20  # bytes of one source file


def problems_of(root: Path, lab: Lab) -> list[str]:
    """Why a lab's files in `root` cannot be run: one sentence each, empty if they can."""
    if not (root / lab.name).is_dir():
        return [f"{lab.name}/ is missing: the lab's files belong in a folder of that name"]
    return [problem for file in lab.files if (problem := problem_of(root, file))]


def problem_of(root: Path, file: str) -> str | None:
    """Why one file cannot be run."""
    path = root / file
    try:
        inside = path.resolve(strict=True).is_relative_to(root.resolve())
        status = os.stat(path)
    except FileNotFoundError:
        return f"{file} is missing"
    except (OSError, RuntimeError) as error:
        return f"{file} cannot be read: {error.__class__.__name__}"
    if not inside:
        return f"{file} is a link out of the folder: hand in the file itself"
    if not stat.S_ISREG(status.st_mode):
        return f"{file} is no regular file"
    if status.st_size > SIZE_LIMIT:
        return f"{file} has {status.st_size:,} bytes: a source file may have {SIZE_LIMIT:,}"
    return None
