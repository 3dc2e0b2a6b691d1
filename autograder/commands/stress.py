"""`autograder mapreduce stress`: real jobs whose workers get killed, on every host."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from autograder.commands.lab import Lab
from labs.node.hosts.crew import Crew, Outcome
from labs.node.node import Node

HOSTS = ("inline", "thread", "process")
SIDE_BY_SIDE = 6  # jobs; most of their time they wait for the task of a worker that was killed
WORDS = ["the", "a", "whale", "naïve", "Ωmega", "水", "x1y2", "don't", "ship", "sea", "Ahab"]
INPUTS = 8  # at most
INPUT_WORDS = 200_000  # at most
LIFE = 0.6  # seconds at most until a worker gets killed
KILLS = 3  # at most, in one job


@dataclass
class Tally:
    """What became of the jobs on one host."""

    jobs: int = 0
    kills: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Trial:
    """One job: where it runs, and the seed of all its choices."""

    host: str
    seed: int


class Saboteur:
    """A crew some of whose workers get killed, at moments that a seed draws; see `Crew`."""

    def __init__(self, crew: Crew, chance: random.Random) -> None:
        self.kills = 0
        self._crew = crew
        self._chance = chance
        self._planned = 0
        self._timers: list[threading.Timer] = []

    def start(
        self, cls: type[Node], id: str, options: Mapping[str, Any], listens: bool = False
    ) -> None:
        self._crew.start(cls, id, options, listens)
        if not listens and self._planned < KILLS and self._chance.random() < 0.8:
            self._planned += 1
            timer = threading.Timer(self._chance.uniform(0, LIFE), self._crew.kill, [id])
            timer.daemon = True
            self._timers.append(timer)
            timer.start()

    def wait(self, seconds: float) -> Outcome | None:
        outcome = self._crew.wait(seconds)
        self.kills += outcome is not None and outcome.killed
        return outcome

    def kill(self, id: str) -> None:
        self._crew.kill(id)

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._crew.close()


class Stress:
    """Runs jobs side by side, and tallies how they end."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._crews: set[Crew] = set()
        self.tallies = {host: Tally() for host in HOSTS}

    def run(self, trials: Iterator[Trial]) -> None:
        """Run all trials. An interruption ends those that run."""
        running: set[Future[None]] = set()
        with self._closing(), ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for trial in trials:
                running.add(pool.submit(self._run, trial))
                if len(running) == SIDE_BY_SIDE:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
            for future in running:
                future.result()

    @contextmanager
    def _closing(self) -> Iterator[None]:
        try:
            yield
        finally:
            for crew in list(self._crews):
                crew.close()

    def _run(self, trial: Trial) -> None:
        """One job, and whether its output is that of the sequential run."""
        chance = random.Random(f"{trial.host} {trial.seed}")
        tally = self.tallies[trial.host]
        crew = Saboteur(self._lab.runner.make_crew(trial.host), chance)
        self._crews.add(crew)
        with tempfile.TemporaryDirectory(prefix="mapreduce-") as name:
            problem = self._judge(crew, chance, Path(name))
        self._crews.discard(crew)
        tally.jobs += 1
        tally.kills += crew.kills
        if problem is not None:
            tally.problems.append(f"{trial.host}, --seed {trial.seed} --runs 1: {problem}")

    def _judge(self, crew: Crew, chance: random.Random, folder: Path) -> str | None:
        """Run a job; what is wrong with its output, or None."""
        lab = self._lab
        app = lab.make_app(chance.choice(("word_count", "inverted_index")), {})
        files = write_inputs(folder, chance)
        n_reduce, workers = chance.randint(1, 6), chance.randint(2, 4)
        try:
            lab.runner.run(app, files, folder, n_reduce, workers, crew, replacements=2 * KILLS)
        except lab.runner.JobFailed as error:
            return str(error)
        if lab.merged(folder) != lab.sequential(app, files, folder):
            return "the output is not that of the sequential run"
        return None


def write_inputs(folder: Path, chance: random.Random) -> list[str]:
    """Write input files of random words, and name them."""
    names = [f"in-{n}.txt" for n in range(chance.randint(1, INPUTS))]
    for name in names:
        words = chance.choices(WORDS, k=chance.randint(0, INPUT_WORDS))
        (folder / name).write_text(" ".join(words), encoding="utf-8")
    return names


def trials(seconds: float | None, runs: int | None, seed: int) -> Iterator[Trial]:
    """Trials on each host in turn: so many for each, or as many as begin in that time."""
    deadline = None if seconds is None else time.monotonic() + seconds
    number = 0
    while (runs is None or number < runs) and (deadline is None or time.monotonic() < deadline):
        yield from (Trial(host, seed + number) for host in HOSTS)
        number += 1


def run_stress(lab: Lab, seconds: float | None, runs: int | None, seed: int) -> int:
    """Run trials, and print a table; the result is 0 if every output was right, and else 1."""
    found = Stress(lab)
    found.run(trials(seconds, runs, seed))
    table = Table(title="jobs whose workers were killed", title_justify="left", pad_edge=False)
    for column in ("host", "jobs", "kills", "right"):
        table.add_column(column, justify="left" if column == "host" else "right")
    for host, tally in found.tallies.items():
        right = tally.jobs - len(tally.problems)
        table.add_row(host, str(tally.jobs), str(tally.kills), str(right))
    Console().print(table)
    problems = [problem for tally in found.tallies.values() for problem in tally.problems]
    for problem in problems:
        click.echo(problem)
    return 1 if problems else 0
