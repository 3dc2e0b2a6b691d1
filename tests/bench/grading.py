"""How long it takes to grade each lab."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from autograder.catalog import LABS, REPOSITORY
from tests.bench.arena import cores
from tests.bench.rows import Row, at_most

COMMAND = [sys.executable, "-m", "autograder", "grade", "solutions", "--lab"]
LIMITS = {"exactly_once": 15, "storage": 15}  # seconds; 10 for every other lab


def measure(quick: bool) -> list[Row]:
    """Real seconds of the command that a student types, start of Python and all."""
    note = f"{len(cores()) or 'all'} cores"
    return [
        Row(
            f"grading of {lab.title}",
            median(grade(lab.name) for _ in range(1 if quick else 3)),
            "s",
            at_most(LIMITS.get(lab.name, 10)),
            note,
        )
        for lab in LABS.values()
    ]


def grade(lab: str) -> float:
    """Grade once; raises if the grading itself went wrong."""
    began = time.perf_counter()
    done = subprocess.run(
        [*COMMAND, lab], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(
            f"grading ended with code {done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return time.perf_counter() - began
