"""What a soak runs, and what it found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from autograder.catalog import LABS
from autograder.run import seeds_for
from tests.checkers.agreement import DECIDED
from tests.mutants.mutants import SOLUTIONS, all_mutants, apply
from tests.mutants.trial import suite_of

CHUNK = 10  # seeds that a worker gets at a time
CHECKERS = "checkers"  # in the place of a lab: a test is a kind of histories, a seed makes so many
BATCH = 1_000
ROOTS = "mutants"  # the folder of their roots, in that of the soak
LONGEST = 1_500  # characters of what a run has seen


class Job(NamedTuple):
    """Runs of one test on one root; `mutant` is empty for the solutions."""

    root: Path
    mutant: str
    lab: str
    test: str
    seeds: tuple[int, ...]


class Failure(NamedTuple):
    """A run that did not come out as it must."""

    job: Job
    seed: int
    why: str

    def show(self, number: int) -> str:
        """What happened so many times, what was seen once, and the commands that repeat it."""
        job = self.job
        root = "mutant" if job.mutant else job.root.name
        repeat = [f"pytest {root}/{job.lab} -k {job.test} --seed {self.seed}"]
        if job.lab == CHECKERS:
            repeat = [f"python -m tests.checkers.agreement {BATCH} {self.seed} {job.test!r}"]
        if job.mutant:
            repeat.insert(0, f"python -m tests.mutants.mutants {job.mutant} {root}")
        lines = [
            f"{job.mutant} {job.test}, {number} runs".strip(),
            *(f"    {line}" for line in self.why[:LONGEST].splitlines()),
            *(f"  repeat  {line}" for line in repeat),
        ]
        return "\n".join(lines)


class Result(NamedTuple):
    """What became of a job, and the seconds on the wall that it took."""

    job: Job
    failures: list[Failure]
    seconds: float


@dataclass
class Phase:
    """A part of the soak: what is to be done, whether on busy cores, and what was found."""

    name: str
    jobs: list[Job]
    busy: bool = False
    runs: int = 0
    seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)

    @property
    def planned(self) -> int:
        """How many runs there are to be."""
        return sum(len(job.seeds) for job in self.jobs)

    def add(self, result: Result) -> None:
        """Count a job that was done."""
        self.runs += len(result.job.seeds)
        self.seconds += result.seconds
        self.failures += result.failures

    def failures_by_test(self) -> list[list[Failure]]:
        """The failures of each test, on each root."""
        found: dict[tuple[Path, str], list[Failure]] = {}
        for failure in self.failures:
            found.setdefault((failure.job.root, failure.job.test), []).append(failure)
        return list(found.values())


def solutions(number: int, names: Sequence[str]) -> list[Job]:
    """Every test, or those of the labs and tests named, on the solutions, with so many seeds."""
    return evenly(
        Job(SOLUTIONS, "", lab, test, seeds(test, number))
        for lab in LABS
        for test in chosen(lab, suite_of(lab), names)
    )


def mutants(folder: Path, number: int, names: Sequence[str]) -> list[Job]:
    """Every mutant, made in `ROOTS` below `folder`, on the tests that must catch it."""
    made = folder / ROOTS
    roots = [(m, apply(m, SOLUTIONS, made / m.lab / m.name)) for m in all_mutants()]
    return evenly(
        Job(root, str(mutant), mutant.lab, test, seeds(test, number))
        for mutant, root in roots
        for test in chosen(mutant.lab, mutant.recipe.caught_by, names)
    )


def histories(number: int, names: Sequence[str]) -> list[Job]:
    """About so many random histories, on which deciders and search have to agree."""
    batches = number // BATCH // len(DECIDED)
    return evenly(
        Job(Path(), "", CHECKERS, kind, tuple(range(batches)))
        for kind in chosen(CHECKERS, DECIDED, names)
    )


def chosen(lab: str, tests: Iterable[str], names: Sequence[str]) -> list[str]:
    """The tests of a lab that are named, by themselves or by their lab; all if nothing is."""
    return [test for test in tests if not names or lab in names or test in names]


def seeds(test: str, number: int) -> tuple[int, ...]:
    return tuple(seeds_for(test, None, number))


def evenly(jobs: Iterable[Job]) -> list[Job]:
    """Jobs as many small ones: each worker is busy to the end, and a lack of time meets all alike."""
    chunks = [
        (start, job._replace(seeds=job.seeds[start : start + CHUNK]))
        for job in jobs
        for start in range(0, len(job.seeds), CHUNK)
    ]
    return [job for _, job in sorted(chunks, key=lambda chunk: chunk[0])]
