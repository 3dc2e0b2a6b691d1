"""A lab that an instructor has changed as the book says: a published solution does not score in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from autograder.catalog import REPOSITORY
from autograder.verdict import Grade

COPIED = ("autograder", "labs", "pyproject.toml", "solutions")
SOLUTION, LOCKS = "solutions/lock/lock.py", "autograder/suites/lock/apps/locks.py"
EDITS = (  # file, text that is there once, and what takes its place
    (
        SOLUTION,
        "clerk: Clerk, name: str) -> None:",
        "clerk: Clerk, name: str, owner: str) -> None:",
    ),
    (SOLUTION, "uuid4().hex", "owner"),
    (SOLUTION, "from uuid import uuid4\n", ""),
    (LOCKS, "Lock(self._clerk, name)", "Lock(self._clerk, name, uuid4().hex)"),
    (LOCKS, "from typing import Any\n", "from typing import Any\nfrom uuid import uuid4\n"),
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The private clone of an instructor: a lock has an owner."""
    folder = tmp_path_factory.mktemp("clone")
    for name in COPIED:
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, folder / name)
    for file, old, new in EDITS:
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file}: {old}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def points(clone: Path, root: Path) -> int:
    """What a root scores in the clone."""
    verdict = clone / "verdict.json"
    command = [sys.executable, "-m", "autograder", "grade", str(root), "--lab", "lock"]
    done = subprocess.run(
        [*command, "--seeds", "1", "--json", str(verdict)],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return msgspec.json.decode(verdict.read_bytes(), type=Grade).labs[0].points


def test_the_changed_solution_gets_all_points(clone: Path) -> None:
    assert points(clone, clone / "solutions") == 100


def test_the_published_solution_gets_none(clone: Path) -> None:
    assert points(clone, REPOSITORY / "solutions") == 0
