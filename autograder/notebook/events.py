"""What a notebook's kernel asks the process that runs checks, and what that says while it runs."""

from __future__ import annotations

import msgspec

from autograder.verdict import TestVerdict


class Checks(msgspec.Struct, frozen=True):
    """What to run; `shown` is the root as the student types it."""

    root: str
    lab: str
    part: str
    figures: str
    shown: str
    jobs: int


class Planned(msgspec.Struct, frozen=True, tag=True):
    """The first event: the names of the tests, and their points."""

    tests: dict[str, int]


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The only event, if there is nothing to run."""

    why: str


class Decided(msgspec.Struct, frozen=True, tag=True):
    """A test came to its verdict; `said` is what a student reads of one that did not pass."""

    verdict: TestVerdict
    said: str


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The last event."""


Event = Planned | Refused | Decided | Ended
