"""`@points`: what a test is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

TestT = TypeVar("TestT", bound=Callable[..., Any])


def points(worth: int) -> Callable[[TestT], TestT]:
    """Say how many points a test is worth; those of a lab add up to 100."""

    def decorate(test: TestT) -> TestT:
        test.points = worth  # type: ignore[attr-defined]
        return test

    return decorate


def points_of(test: Callable[..., Any]) -> int:
    """What a test is worth; 0 if nothing says."""
    return int(getattr(test, "points", 0))
