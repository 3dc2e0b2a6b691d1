"""What the tests of classes share: hand-ins, a grading process that is an impostor, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest

from autograder.catalog import LABS, REPOSITORY
from autograder.course import process
from autograder.course.one import Result, Status, undecided
from autograder.course.terms import Terms
from autograder.handin import HandIn
from autograder.secret import FILE_VARIABLE, VARIABLE
from autograder.verdict import Grade, LabVerdict, Provenance, TestVerdict, Verdict

LOCK = LABS["lock"]
TERMS = Terms(seeds=1, sandbox="none", unconfined=True, time_limit=120)
HAND_IN = HandIn({"lock/lock.py": b"x = 1\n"}, ["The file was found in the attic."])
SOLVED = (REPOSITORY / "solutions" / "lock" / "lock.py").read_text()
MINUTE = 60


def hand_in(submitted: Path, student: str | bytes, text: str, lab: str = "lock/lock.py") -> Path:
    """A student's folder, as nbgrader collects it."""
    path = submitted / os.fsdecode(student) / lab
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def environment(**more: str) -> dict[str, str]:
    """That of this process, without the secret that a machine may have."""
    secrets = (VARIABLE, FILE_VARIABLE)
    return {k: v for k, v in os.environ.items() if k not in secrets} | more


def autograder(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path = REPOSITORY
) -> subprocess.CompletedProcess[str]:
    """The command line, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "autograder", *map(str, arguments)],
        cwd=cwd,
        env={**(env or environment()), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=10 * MINUTE,
        stdin=subprocess.DEVNULL,
    )


def graded(*verdicts: Verdict, secret: str = "public") -> Grade:
    """A grade of the lock whose first tests have these verdicts, and whose others pass."""
    tests = [
        msgspec.structs.replace(
            test,
            verdict=verdict,
            points=test.max_points if verdict is Verdict.PASS else 0,
            evidence="" if verdict is Verdict.PASS else "two holders",
            command="" if verdict is Verdict.PASS else f"pytest labs/lock::{test.name} --seed 7",
        )
        for test, verdict in zip(
            undecided(LOCK, {}).labs[0].tests, [*verdicts, *[Verdict.PASS] * 99], strict=False
        )
    ]
    return Grade("labs", [summed(tests)], [], Provenance("1", "3", "none", {}, secret))


def summed(tests: list[TestVerdict]) -> LabVerdict:
    """The verdicts of the lock, with their sums."""
    return LabVerdict("lock", sum(t.points for t in tests), sum(t.max_points for t in tests), tests)


def result(*verdicts: Verdict, status: Status = Status.GRADED, **more: Any) -> Result:
    """A result with such a grade."""
    fields = {"findings": [], "trouble": "", "hand_in": "00", "secret": "public", **more}
    return Result("lock", status, graded(*verdicts), **fields)


class Impostor:
    """Stands in for the grading process: a program that gets `folder`, and the arguments."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, program: str = "") -> None:
        self.program = program
        self.arguments: list[str] = []
        self.environment: dict[str, str] = {}
        self.starts = 0
        self.stdout = subprocess.DEVNULL
        self.folder = Path()
        monkeypatch.setattr(process, "start", self.start)

    def start(
        self, folder: Path, arguments: list[str], environment: dict[str, str], output: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """See `process.start`."""
        self.starts += 1
        self.folder, self.arguments, self.environment = folder, arguments, environment
        return subprocess.Popen(
            [sys.executable, "-c", f"folder = {str(folder)!r}\n{self.program}"],
            stdin=subprocess.PIPE,
            stdout=self.stdout,
            stderr=output,
            start_new_session=True,
        )

    def writes(self, name: str, data: bytes) -> str:
        """A program that writes a file of the folder."""
        return f"open(folder + '/{name}', 'wb').write({data!r})\n"
