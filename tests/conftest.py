"""Options of the project's own tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mutants")
    group.addoption(
        "--mutant-seeds",
        type=int,
        default=3,
        metavar="N",
        help="runs of each test that must catch a mutant (default 3)",
    )
