"""The given backends, loaded from the solutions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.catalog import REPOSITORY
from autograder.kv.root import BACKENDS
from labs.node import Disk
from labs.node.disk import FolderDisk
from labs.node.hosts import load

SOLUTIONS = REPOSITORY / "solutions"


def backend(name: str) -> Callable[[Disk], Any]:
    """The class of a backend."""
    cls: Callable[[Disk], Any] = load.load(BACKENDS[name])
    return cls


def open_on(name: str, folder: Path) -> Any:
    """A storage on a real folder, as another process would make it."""
    return backend(name)(Disk(FolderDisk(folder).perform, str(folder)))
