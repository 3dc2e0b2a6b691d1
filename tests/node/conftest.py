"""What the tests of a node's process share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.run import Runner
from tests.helpers import runner

# So that a check which fails there shows both sides, as one in a test does.
pytest.register_assert_rewrite("tests.node.mistakes")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A runner for a root that is empty at first."""
    with runner(tmp_path_factory.mktemp("root")) as made:
        yield made
