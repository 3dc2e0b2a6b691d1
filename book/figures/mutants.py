"""Mutants for chapters: wrong solutions, made for as long as a cell needs them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.mutants import SOLUTIONS, all_mutants, apply


@contextmanager
def mutant(name: str) -> Iterator[Path]:
    """A folder with a wrong solution, for as long as the block runs: `mutant("kv/retry_without_maybe")`."""
    found = next(each for each in all_mutants() if str(each) == name)
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        yield apply(found, SOLUTIONS, Path(folder, "root"))
