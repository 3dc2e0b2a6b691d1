"""What the tests of the judge share: little roots, and runs of a cluster on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

from autograder.catalog import GIVEN
from autograder.run import Outcome, Runner, Settings, Test


def write_root(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the files of a root; their text is dedented."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder


@contextmanager
def runner(root: Path, host: str = "process", clock: str = "virtual") -> Iterator[Runner]:
    """A runner for a root, closed in the end."""
    made = Runner(Settings(root, GIVEN, host, clock))
    try:
        yield made
    finally:
        made.close()


def run_on(root: Path, test: Test, seed: int = 1, **settings: str) -> Outcome:
    """Run a test of the cluster once."""
    with runner(root, **settings) as made:
        return made.run_once(test, seed)
