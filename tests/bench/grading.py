"""How long it takes to grade a whole lab."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from autograder.catalog import REPOSITORY
from tests.bench.arena import cores
from tests.bench.rows import Row, at_most

COMMAND = [sys.executable, "-m", "autograder", "grade", "solutions", "--lab", "mapreduce"]


def measure(quick: bool) -> list[Row]:
    """Real seconds of the command that a student types, start of Python and all."""
    seconds = median(grade() for _ in range(1 if quick else 3))
    note = f"{len(cores()) or 'all'} cores"
    return [Row("grading of the MapReduce lab", seconds, "s", at_most(10), note)]


def grade() -> float:
    """Grade once; raises if the grading itself went wrong."""
    began = time.perf_counter()
    done = subprocess.run(COMMAND, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(
            f"grading ended with code {done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return time.perf_counter() - began
