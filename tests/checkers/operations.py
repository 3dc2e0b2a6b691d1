"""Operations in a line each, for histories that are written by hand. Times are in milliseconds."""

from __future__ import annotations

from typing import Any

from autograder.checkers import Model, Operation
from autograder.verdict import Verdict

At = tuple[float, float | None]  # from when to when; None for no response


def op(
    client: str, name: str, *args: Any, at: At, gives: Any = None, error: int | None = None
) -> Operation:
    """One operation."""
    begin, end = at
    returned = None if end is None else round(end * 1_000)
    return Operation(client, name, args, round(begin * 1_000), returned, gives, error)


# What a history shows, its model, the verdict on it, and the operations.
Case = tuple[str, Model, Verdict, list[Operation]]

RIGHT, WRONG = Verdict.PASS, Verdict.FAIL
MAYBE, TIMEOUT, CRASHED, UNAVAILABLE, NO_KEY, EXISTS, MISMATCH = 1001, 0, 13, 11, 20, 21, 22
