"""The labs: what a student hands in for each, and where its suite stands."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SUITES = REPOSITORY / "autograder" / "suites"
GIVEN = REPOSITORY / "labs"  # the files that every student has


@dataclass(frozen=True)
class Lab:
    """One lab; `files` are relative to a root and are the student's own."""

    name: str
    title: str
    files: tuple[str, ...]

    @property
    def suite(self) -> list[Path]:
        """The modules of the lab's tests, in the order in which its suite names them."""
        package = importlib.import_module(f"autograder.suites.{self.name}")
        return [SUITES / self.name / f"{module}.py" for module in package.MODULES]


LABS = {
    lab.name: lab
    for lab in (
        Lab(
            "mapreduce",
            "MapReduce",
            ("mapreduce/messages.py", "mapreduce/coordinator.py", "mapreduce/worker.py"),
        ),
    )
}
