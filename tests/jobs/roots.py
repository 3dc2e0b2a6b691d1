"""The reference, made impatient: a test must not wait ten seconds for a task to be given again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.catalog import REPOSITORY
from autograder.commands.lab import Lab, load_lab
from labs.node.hosts import load

SOLUTION = REPOSITORY / "solutions" / "mapreduce"
STUDENTS_FILES = ("coordinator.py", "worker.py", "messages.py")
TEN_SECONDS = "TASK_TIMEOUT = 10.0"


def make_root(folder: Path, timeout: float = 0.5) -> Path:
    """A root with the reference, whose coordinator waits only so many seconds for a task."""
    lab = folder / "mapreduce"
    lab.mkdir(parents=True)
    for name in STUDENTS_FILES:
        shutil.copy(SOLUTION / name, lab)
    text = (lab / "coordinator.py").read_text(encoding="utf-8")
    assert TEN_SECONDS in text
    impatient = text.replace(TEN_SECONDS, f"TASK_TIMEOUT = {timeout}")
    (lab / "coordinator.py").write_text(impatient, encoding="utf-8")
    return folder


@contextmanager
def loaded(root: Path) -> Iterator[Lab]:
    """The lab of a root, loaded into this process for a while."""
    outer = load.set_aside()
    try:
        yield load_lab(root)
    finally:
        load.put_back(outer)


def write_inputs(folder: Path, count: int = 5) -> list[str]:
    """Small input files, and their names."""
    folder.mkdir(exist_ok=True)
    names = [f"in-{n}.txt" for n in range(count)]
    for n, name in enumerate(names):
        (folder / name).write_text(f"the whale {'sea ' * n}the Ωmega\n", encoding="utf-8")
    return names
