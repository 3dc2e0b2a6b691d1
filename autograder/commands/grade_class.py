"""`autograder grade-class`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from autograder.catalog import LABS, Lab
from autograder.commands.options import FOLDER, default_jobs
from autograder.commands.real import Refusal
from autograder.course.batch import grade_all
from autograder.course.settings import CourseSettings, SettingsError, read_settings
from autograder.course.store import Store
from autograder.course.submissions import Student, students_in
from autograder.course.tables import CSV_FILE, Sums, Tables
from autograder.course.terms import UNCONFINED, Refused, Terms
from autograder.report.terminal import confinement
from autograder.report.text import SENTENCE, line
from autograder.sandbox import BEST, RUNGS
from autograder.secret import NO_SECRET

INTERRUPTED = 130


class Ours(click.ClickException):
    """A fault of ours, or of the machine."""

    exit_code = 3


@click.command("grade-class")
@click.argument("submitted", type=FOLDER)
@click.option("--lab", "name", required=True, type=click.Choice(sorted(LABS)), help="Which lab.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1, max=256),
    default=default_jobs,
    help="Hand-ins side by side.",
)
@click.option("--course", type=click.Path(path_type=Path), help="A course.toml.")
@click.option("--results", type=FOLDER, default=Path("results"), show_default=True)
@click.option(
    "--sandbox", type=click.Choice([BEST, *RUNGS]), help="What keeps hand-ins from all else."
)
@click.option("--unconfined", is_flag=True, help="Grade even if that is nothing.")
@click.option("--again", is_flag=True, help="Grade again what is undecided.")
def grade_class_command(
    submitted: Path,
    name: str,
    jobs: int,
    course: Path | None,
    results: Path,
    sandbox: str | None,
    unconfined: bool,
    again: bool,
) -> None:
    """Grade the hand-ins in SUBMITTED, a folder for each student.

    They lie in SUBMITTED/STUDENT/, or in SUBMITTED/STUDENT/LAB/ as nbgrader has them. The results are in
    RESULTS/LAB/: class.csv, class.json, and for each student a record and a page. If this is stopped,
    the same command goes on from there; a hand-in that has changed is graded again.

    Exit codes: 0 all points for all, 1 points lost, 2 unusable arguments, 3 something is undecided.
    """
    console = Console()
    lab = LABS[name]
    with refusing():
        settings = CourseSettings() if course is None else read_settings(course)
        terms = settings.terms(lab)
        terms = replace(
            terms,
            sandbox=sandbox or terms.sandbox,
            unconfined=unconfined or terms.unconfined,
        )
        students, passed_over = students_in(submitted)
        terms = settled(terms, submitted)
        store = Store(results / name)
        for said in [*warnings(terms), *passed_over]:
            console.print(Text(line(said, SENTENCE), "yellow"))
        with store.held():
            grade_with_bar(students, lab, terms, store, jobs, again, console)
            sums = Tables(students, lab, settings, store).write()
    show(sums, terms, store, console)
    sys.exit(3 if sums.undecided_students else int(sums.full < sums.students))


@contextmanager
def refusing() -> Iterator[None]:
    """Say in a sentence why nothing can be graded, or no more."""
    try:
        yield
    except (Refused, SettingsError) as error:
        raise Refusal(line(str(error), SENTENCE)) from None
    except OSError as error:
        raise Ours(f"the results cannot be kept: {line(str(error), SENTENCE)}") from None


def settled(terms: Terms, submitted: Path) -> Terms:
    """The terms for all; refuses a secret that lies where students hand in."""
    file = terms.secret_path()
    if file is not None and file.resolve().is_relative_to(submitted.resolve()):
        raise Refused(f"The secret {file} lies among the hand-ins: keep it elsewhere.")
    return terms.settled()


def warnings(terms: Terms) -> Iterator[str]:
    """What an instructor should know before points are given."""
    if terms.sandbox == UNCONFINED:
        yield confinement(UNCONFINED)
    if terms.fingerprint() == NO_SECRET:
        yield (
            "There is no secret, so students can know the seeds of this grading: "
            "`autograder secret new FILE` makes one."
        )
    file = terms.secret_path()
    if file is not None and file.stat().st_mode & 0o077:
        yield f"Others can read the secret: chmod 600 {file}"


class Rate(ProgressColumn):
    """How many a minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed * 60:.1f}/min")


def grade_with_bar(
    students: list[Student],
    lab: Lab,
    terms: Terms,
    store: Store,
    jobs: int,
    again: bool,
    console: Console,
) -> None:
    """Grade them, with a bar if somebody looks, and else a line for each."""
    columns = (BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with (
        ended_by_interrupt(console),
        Bars(
            TextColumn("grading"), *columns, console=console, disable=not console.is_terminal
        ) as bar,
    ):
        task = bar.add_task("", total=len(students))
        grade_all(students, lab, terms, store, jobs, again, progress_of(bar, task))


def progress_of(bar: Bars, task: TaskID) -> Callable[[Student, bool], None]:
    """Moves the bar. What was there before is none of the work, so that the rate is one of work."""

    def progress(student: Student, before: bool) -> None:
        if bar.disable:
            said = "was graded before" if before else "graded"
            print(f"{line(student.shown, SENTENCE)}: {said}", flush=True)
        elif before:
            bar.update(task, total=(bar.tasks[0].total or 1) - 1)
        else:
            bar.update(task, advance=1)

    return progress


@contextmanager
def ended_by_interrupt(console: Console) -> Iterator[None]:
    """End at once on Ctrl-C: what grades dies with this process, and what is done has been kept."""
    try:
        yield
    except KeyboardInterrupt:
        console.print("Stopped. The same command goes on from here.")
        sys.stdout.flush()
        os._exit(INTERRUPTED)


def show(sums: Sums, terms: Terms, store: Store, console: Console) -> None:
    """Say what the class came to, and where it is written down."""
    mean = sums.points / sums.students if sums.students else 0.0
    console.print(
        f"{sums.students} graded: {sums.full} with all of {sums.max_points} points, mean {mean:.1f}"
    )
    if sums.undecided_students:
        console.print(
            f"{sums.undecided_students} undecided, which cost nothing yet:", style="yellow"
        )
    for said in sums.undecided:
        console.print(Text(f"  {line(said, SENTENCE)}"))
    style = "bold yellow" if terms.sandbox == UNCONFINED else "dim"
    console.print(Text(confinement(terms.sandbox), style))
    console.print(Text(f"written to {store.folder / CSV_FILE}, and beside it"))
