"""How fast a class is graded: two workers against one, and the memory of the process that leads them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import psutil

from autograder.catalog import REPOSITORY
from tests.bench.rows import Row, at_least, at_most, ratio

SOLUTION = (REPOSITORY / "solutions" / "lock" / "lock.py").read_text(encoding="utf-8")
STUB = (REPOSITORY / "labs" / "lock" / "lock.py").read_text(encoding="utf-8")
KINDS = (  # hand-ins of a class, in turn
    SOLUTION,
    SOLUTION.replace("await self", "self", 1),
    SOLUTION.replace("while True", "while False"),
    STUB,
    "def broken(:\n",
    f"import os\nos.kill(os.getppid(), 9)\n{SOLUTION}",
    f"hoard = bytearray(10 << 30)\n{SOLUTION}",
    f"print('x' * 10_000_000)\n{SOLUTION}",
)
WHOLE = 300  # hand-ins whose grading is watched, unless it is to be quick
MB = 1e6


@dataclass(frozen=True)
class Run:
    """One grading of a class: hand-ins a second, and megabytes of the leading process after each."""

    rate: float
    memory: Sequence[float]

    @property
    def growth(self) -> float:
        """Megabytes by which the last third of the run stands above the second."""
        third = len(self.memory) // 3
        return max(self.memory[2 * third :]) - max(self.memory[third : 2 * third])


def measure(quick: bool) -> list[Row]:
    """A class in which every kind of hand-in is as frequent."""
    # Of a small class the last hand-in is a large part, beside which a worker has nothing to do.
    size, rounds = (len(KINDS), 1) if quick else (12 * len(KINDS), 1)
    alone, together = [], []
    for _ in range(rounds):
        alone.append(grade(size, 1))
        together.append(grade(size, 2))
    long = grade(3 * size if quick else WHOLE, 2)
    rates = [[run.rate for run in runs] for runs in (together, alone)]
    note = f"{size} hand-ins, {60 * median(rates[0]):.3g} a minute, with one {60 * median(rates[1]):.3g}"
    told = f"{len(long.memory)} hand-ins, at most {max(long.memory):.3g} MB"
    return [
        Row("a class with two workers, over one", ratio(*rates), "times", at_least(1.8), note),
        Row("growth of the grader over a class", long.growth, "MB", at_most(2), told),
    ]


def grade(size: int, jobs: int) -> Run:
    """Grade a new class; raises if a hand-in got no verdict."""
    with tempfile.TemporaryDirectory(prefix="class-") as folder:
        hand_in(Path(folder), size)
        command = ["grade-class", "submitted", "--lab", "lock", "--jobs", str(jobs)]
        began = ended = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "autograder", *command, "--course", "course.toml"],
            cwd=folder,
            env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        memory, watched = [], psutil.Process(process.pid)
        for line in process.stdout:
            if line.endswith(": graded\n"):
                ended = time.perf_counter()
                memory.append(watched.memory_info().rss / MB)
        if process.wait() not in (0, 1) or len(memory) != size:
            raise RuntimeError(f"{len(memory)} of {size} were graded, code {process.returncode}")
    return Run(size / (ended - began), memory)


def hand_in(folder: Path, size: int) -> None:
    """Write the hand-ins of a class."""
    (folder / "course.toml").write_text("seeds = 1\n", encoding="utf-8")
    for number, text in enumerate(islice(cycle(KINDS), size)):
        place = folder / "submitted" / f"student-{number:03}" / "lock"
        place.mkdir(parents=True)
        (place / "lock.py").write_text(text, encoding="utf-8")
