"""Verdicts, and the JSON that every report is made from."""

from __future__ import annotations

import enum

import msgspec

PROPERTY = "verdict"  # the name under which a pytest report carries one
SANDBOX = "sandbox"  # and the rung that its nodes were on


class Verdict(enum.Enum):
    """What a test found. `UNKNOWN` is undecided: no pass, no loss of points, and ours to repair."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


class TestVerdict(msgspec.Struct, frozen=True):
    """One test.

    `promise` is what it checks, in a sentence. For a test that did not pass, `evidence` is what was
    seen, `seed` the one of the shortest failing run, and `command` repeats that run. `virtual_seconds`
    and `real_seconds` are the sums over all its runs.
    """

    __test__ = False

    name: str
    points: int
    max_points: int
    verdict: Verdict
    promise: str
    evidence: str
    seed: int
    command: str
    virtual_seconds: float
    real_seconds: float


class LabVerdict(msgspec.Struct, frozen=True):
    """One lab: the sums of its tests' points, and the tests."""

    lab: str
    points: int
    max_points: int
    tests: list[TestVerdict]


class Provenance(msgspec.Struct, frozen=True):
    """What a grade rests on. The same files, suite and seeds give the same grade.

    `suite` is the version of the project with a hash of its sources; `sandbox` is the weakest rung that
    any node was on (`autograder.sandbox.RUNGS`), empty if no node ran; `files` maps the student's files
    to their SHA-256; `secret` is the fingerprint of what the seeds come from (`autograder secret show`).
    """

    suite: str
    python: str
    sandbox: str
    files: dict[str, str]
    secret: str = ""


class Grade(msgspec.Struct, frozen=True):
    """What `autograder grade --json` writes."""

    root: str
    labs: list[LabVerdict]
    problems: list[str] = []
    provenance: Provenance = Provenance("", "", "", {})
