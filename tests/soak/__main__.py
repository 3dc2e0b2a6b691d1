"""`python -m tests.soak [LAB or TEST...]`: every test on many seeds, and every mutant.

The tests run on the solutions, on idle cores and again beside processes that keep them busy, and
each mutant on the tests that must catch it. Before that, the checkers' deciders and their search judge
random histories. The exit code is 0 if the solutions passed every run, no mutant survived one and the
checkers agreed, 1 if not, or if the time did not suffice, and 130 after Ctrl-C.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograder.catalog import LABS
from tests.mutants.mutants import MutantError
from tests.mutants.trial import suite_of
from tests.soak import plan
from tests.soak.crew import Crew, burners, crew, leave_by
from tests.soak.plan import Job, Phase

INTERRUPTED = 130


@click.command()
@click.argument("names", nargs=-1, metavar="[LAB or TEST]...")
@click.option("--hours", default=1.0, help="Time after which nothing more is begun (default 1).")
@click.option("--seeds", default=200, help="Runs of each test on the solutions (default 200).")
@click.option("--mutant-seeds", default=20, help="Runs of each test on a mutant (default 20).")
@click.option("--histories", default=1_000_000, help="Histories for checkers (default 1,000,000).")
def main(
    names: tuple[str, ...], hours: float, seeds: int, mutant_seeds: int, histories: int
) -> None:
    """Run every test, or those of the labs and tests named, on the solutions and on the mutants.

    The checkers' deciders and their search judge random histories, too; by themselves, that is "checkers".
    """
    refuse_unknown(names)
    console = Console(soft_wrap=True, highlight=False)
    deadline = time.monotonic() + 3_600 * hours
    leave_by(KeyboardInterrupt, signal.SIGINT, signal.SIGTERM)
    try:
        with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder:
            phases = (
                Phase("histories, in thousands", plan.histories(histories, names)),
                Phase("solutions", plan.solutions(seeds, names)),
                Phase("mutants", plan.mutants(Path(folder), mutant_seeds, names)),
                Phase("solutions, cores busy", plan.solutions(seeds, names), busy=True),
            )
            soak([phase for phase in phases if phase.planned], Path(folder), deadline, console)
    except MutantError as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        console.print("interrupted")
        sys.exit(INTERRUPTED)
    sys.exit(report(phases, console))


def refuse_unknown(names: tuple[str, ...]) -> None:
    """Exit with a sentence for a name that no lab and no test has."""
    known = {name for lab in LABS for name in (lab, *suite_of(lab))}
    unknown = set(names) - known - {plan.CHECKERS}
    if unknown:
        raise click.UsageError(f"there is no lab and no test {min(unknown)}")


def soak(phases: list[Phase], folder: Path, deadline: float, console: Console) -> None:
    """Do all phases, one after the other, as far as the time allows."""
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn())
    with crew(folder) as workers, Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        for phase in phases:
            if not console.is_terminal:
                console.print(f"{phase.name}: {phase.planned:,} runs")
            bar = bars.add_task(phase.name, total=phase.planned)
            for done in results(phase, workers, deadline):
                bars.advance(bar, done)


def results(phase: Phase, workers: Crew, deadline: float) -> Iterator[int]:
    """Do one phase; the number of runs, whenever some are done."""
    with ExitStack() as disturbed:
        if phase.busy:
            disturbed.enter_context(burners())
        for result in workers.do(until(deadline, phase.jobs)):
            phase.add(result)
            yield len(result.job.seeds)


def until(deadline: float, jobs: list[Job]) -> Iterator[Job]:
    """The jobs, as long as there is time for another one."""
    return (job for job in jobs if time.monotonic() < deadline)


def report(phases: tuple[Phase, ...], console: Console) -> int:
    """Show what went wrong and a table; the exit code."""
    for phase in phases:
        for failures in phase.failures_by_test():
            console.print(f"\n{phase.name}: {failures[0].show(len(failures))}", markup=False)
    console.print(table(phases))
    return int(any(phase.failures or phase.runs < phase.planned for phase in phases))


def table(phases: tuple[Phase, ...]) -> Table:
    """The phases, one a line."""
    made = Table("", "runs", "of", "wrong", "seconds of work")
    for column in made.columns[1:]:
        column.justify = "right"
    for phase in phases:
        numbers = (phase.runs, phase.planned, len(phase.failures), round(phase.seconds))
        made.add_row(phase.name, *(f"{number:,}" for number in numbers))
    return made


if __name__ == "__main__":
    main()
