"""`autograder grade` and `autograder labs`."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import msgspec
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from autograder.catalog import LABS, Lab
from autograder.commands.options import Output, default_jobs
from autograder.grading.grade import Order, Progress, exit_code, grade
from autograder.grading.tests import list_tests
from autograder.report import terminal
from autograder.report.failure import figures_in
from autograder.report.page import grade_page
from autograder.sandbox import BEST, RUNGS
from autograder.verdict import Grade, TestVerdict


@click.command("grade")
@click.argument("root", type=click.Path(path_type=Path))
@click.option(
    "--lab", "names", multiple=True, type=click.Choice(sorted(LABS)), help="Only this lab."
)
@click.option("--seed", type=int, help="The seed of each test's first run.")
@click.option("--seeds", type=click.IntRange(min=1), help="Runs of each test.")
@click.option("--clock", type=click.Choice(["virtual", "wall"]), default="virtual")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=default_jobs, help="Tests side by side."
)
@click.option("--json", "json_file", type=Output(), help="Write the verdicts there.")
@click.option(
    "--sandbox",
    type=click.Choice([BEST, *RUNGS]),
    default=BEST,
    show_default=True,
    help="What keeps nodes from all else.",
)
@click.option(
    "--html",
    "html_file",
    type=Output(),
    help="Write the report there as one page, with a picture of every failure.",
)
@click.option("--figures", type=click.Path(path_type=Path), hidden=True)  # a folder for them alone
@click.option("--journal", type=Output(), hidden=True)  # of verdicts, a line for each at once
@click.option("--shown", hidden=True)  # the root as a student knows it
def grade_command(
    root: Path,
    names: tuple[str, ...],
    seed: int | None,
    seeds: int | None,
    clock: str,
    jobs: int,
    json_file: Path | None,
    sandbox: str,
    html_file: Path | None,
    figures: Path | None,
    journal: Path | None,
    shown: str | None,
) -> None:
    """Grade the files in ROOT and print a report.

    Exit codes: 0 all points, 1 points lost, 2 unusable arguments or submission, 3 our fault.
    """
    if os.name != "posix":
        raise click.UsageError("grading needs processes as POSIX has them: use WSL2.")
    labs = choose_labs(root, names)
    console = Console()
    order = Order(root, labs, seed, seeds, clock, jobs, figures, sandbox, shown)
    watch = partial(write_down, journal) if journal else lambda verdict: None
    if html_file is None:
        found = grade_with_progress(order, console, watch)
    else:
        found = grade_onto_page(order, console, html_file, watch)
    terminal.show(found, console)
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    sys.exit(exit_code(found))


def write_down(journal: Path, verdict: TestVerdict) -> None:
    """Add a verdict to those that are there if this process is stopped."""
    with journal.open("ab") as file:
        file.write(msgspec.json.encode(verdict) + b"\n")


def grade_onto_page(order: Order, console: Console, page: Path, watch: Progress) -> Grade:
    """Grade, and write the report as one page with its pictures."""
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        figures = order.figures or Path(folder)
        found = grade_with_progress(replace(order, figures=figures), console, watch)
        page.write_text(grade_page(found, figures_in(figures)), encoding="utf-8")
    return found


def choose_labs(root: Path, names: tuple[str, ...]) -> list[Lab]:
    """The labs to grade: those named, or those that the root has."""
    if not root.is_dir():
        raise click.UsageError(f"{root} is no folder: name the one that holds the labs' folders.")
    if names:
        return [LABS[name] for name in dict.fromkeys(names)]
    labs = [lab for lab in LABS.values() if (root / lab.name).is_dir()]
    if not labs:
        raise click.UsageError(f"{root} holds no lab: expected is a folder {' or '.join(LABS)}/.")
    return labs


def grade_with_progress(order: Order, console: Console, watch: Progress) -> Grade:
    """Grade, with a bar if somebody looks; `watch` gets each verdict."""
    total = sum(len(list_tests(lab)) for lab in order.labs)
    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, TextColumn("{task.description}"), console=console, transient=True,
                  disable=not console.is_terminal) as bar:  # fmt: skip
        task = bar.add_task("", total=total)

        def progress(verdict: TestVerdict) -> None:
            watch(verdict)
            bar.update(task, advance=1, description=verdict.name)

        return grade(order, progress)


@click.command("labs")
def labs_command() -> None:
    """List the labs, their tests and points."""
    console = Console()
    for lab in LABS.values():
        tests = list_tests(lab)
        total = sum(test.points for test in tests)
        table = Table(
            title=f"{lab.name}: {lab.title}, {total} points",
            title_justify="left",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
        )
        table.add_column("test", no_wrap=True)
        table.add_column("points", justify="right")
        table.add_column("promise")
        for test in tests:
            table.add_row(test.name, str(test.points), test.promise)
        console.print(table)
        console.print("hand in: " + ", ".join(lab.files))
