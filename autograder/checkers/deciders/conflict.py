"""What a decider finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from autograder.checkers.calls import Part


class DoesNotApply(Exception):
    """The history does not reveal what the decider needs; the search has to decide."""


class Conflict(NamedTuple):
    """Operations that cannot all have happened as recorded, whatever the others did.

    `holds` says whether that is still so for some of them, with all others at any time or never; None if
    it is not so without any one of them.
    """

    suspects: list[int]
    holds: Callable[[list[int]], bool] | None = None


# The conflict in a part, or None if it is linearizable; raises `DoesNotApply`.
Decider = Callable[[Part], Conflict | None]
