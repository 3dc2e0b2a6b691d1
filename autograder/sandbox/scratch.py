"""Folders that students' code writes to, and how they are got rid of, whatever is in them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(parent: str) -> Iterator[Path]:
    """A fresh folder in another, which is gone afterwards."""
    folder = tempfile.mkdtemp(dir=parent)
    try:
        yield Path(folder)
    finally:
        remove(folder)


def remove(folder: str) -> None:
    """Remove a folder with all that is in it, as far as that can be done; never raises."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):  # folders without rights, or thousands in each other
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*command, "--", folder], capture_output=True, check=False)
