"""What the tests of the sandbox share."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import RUNGS
from tests.attacks.other_python import nodes_on_it


@pytest.fixture(scope="module", params=RUNGS)
def rung(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of each rung, one after the other."""
    name: str = request.param
    with nodes_on_it() if name == "uid" else contextlib.nullcontext():
        yield name


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder for a submission that all users may read."""
    with tempfile.TemporaryDirectory(prefix="root-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
