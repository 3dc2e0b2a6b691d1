"""Every test here has the labs' modules of the solutions, whatever other tests have loaded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kv.services import loaded


@pytest.fixture(autouse=True)
def solutions() -> Iterator[None]:
    with loaded():
        yield
