"""`autograder mapreduce`: real jobs on real files, as a whole or part by part."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.catalog import REPOSITORY
from autograder.commands.lab import load_lab
from autograder.commands.options import FOLDER, Number
from autograder.commands.real import Refusal, interruptible, open_listener, read_address
from autograder.commands.stress import run_stress
from labs.node.hosts.tcp import TcpHost

COORDINATOR = "coordinator"  # its name on the wire

root_option = click.option(
    "--root", type=FOLDER, default=REPOSITORY / "solutions", help="Whose coordinator and worker."
)
app_option = click.option(
    "--app", "name", required=True, metavar="NAME|FILE.py", help="What the job computes."
)
set_option = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the app."
)
reduces_option = click.option(
    "--reduces", type=click.IntRange(min=1), default=10, show_default=True, help="Reduce tasks."
)
files_argument = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.group()
def mapreduce() -> None:
    """Run MapReduce jobs for real.

    `run` runs a whole job on this machine. `coordinator` and `worker` are its parts: start workers
    anywhere, as long as all share the folder.
    """


@mapreduce.command()
@root_option
@app_option
@set_option
@click.option("--host", type=click.Choice(["inline", "thread", "process"]), default="process")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True)
@reduces_option
@click.option("--out", type=FOLDER, required=True, help="Where mr-out-* go; other mr-* may not.")
@files_argument
def run(
    root: Path,
    name: str,
    settings: tuple[str, ...],
    host: str,
    workers: int,
    reduces: int,
    out: Path,
    files: tuple[Path, ...],
) -> None:
    """Run a whole job on FILES, with tasks, threads or processes.

    Exit codes: 0 done, 1 the job failed, 2 unusable arguments or files.
    """
    lab = load_lab(root)
    app = lab.make_app(name, read_settings(settings))
    began = time.monotonic()
    with interruptible(), lab.errors(), bar() as progress:
        inputs = inputs_below(out, files)
        lab.runner.run(app, inputs, out, reduces, workers, host, progress)
    click.echo(f"{out}/mr-out-*: {reduces} files in {time.monotonic() - began:.1f} s", err=True)


@mapreduce.command()
@root_option
@app_option
@set_option
@click.option("--out", type=FOLDER, required=True, help="Where mr-out-0 goes.")
@files_argument
def sequential(
    root: Path, name: str, settings: tuple[str, ...], out: Path, files: tuple[Path, ...]
) -> None:
    """Run a job in one process, one step after another: what every run must amount to."""
    lab = load_lab(root)
    app = lab.make_app(name, read_settings(settings))
    with interruptible(), lab.errors():
        inputs = inputs_below(out, files)
        lab.runner.check(inputs, out.absolute(), 1, 1)
        text = lab.sequential(app, inputs, out.absolute())
        unfinished = out / ".mr-out-0"
        unfinished.write_bytes(text.encode())
        unfinished.replace(out / "mr-out-0")


@mapreduce.command()
@root_option
@click.option("--listen", "place", required=True, metavar="HOST:PORT", help="Port 0 chooses one.")
@reduces_option
@click.option("--folder", type=FOLDER, required=True, help="What coordinator and workers share.")
@files_argument
def coordinator(
    root: Path, place: str, reduces: int, folder: Path, files: tuple[Path, ...]
) -> None:
    """Run the coordinator of a job on FILES until the job is done.

    Files below the shared folder are named relative to it, so that it may have another place on
    each machine.
    """
    lab = load_lab(root)
    with interruptible(), lab.errors():
        inputs = inputs_below(folder, files)
        lab.runner.check(inputs, folder.absolute(), reduces, 1)
        listener = open_listener(place)
        host, port = listener.getsockname()[:2]
        click.echo(f"the coordinator listens on {host}:{port}", err=True)
        options = {"files": inputs, "n_reduce": reduces}
        asyncio.run(TcpHost(COORDINATOR).run(lab.coordinator, options, listener))


@mapreduce.command()
@root_option
@click.option("--coordinator", "place", required=True, metavar="HOST:PORT")
@app_option
@set_option
@click.option("--folder", type=FOLDER, required=True, help="What coordinator and workers share.")
def worker(root: Path, place: str, name: str, settings: tuple[str, ...], folder: Path) -> None:
    """Run a worker of the job that a coordinator has, until that job is done."""
    lab = load_lab(root)
    app = lab.make_app(name, read_settings(settings))
    if not folder.is_dir():
        raise Refusal(f"{folder} is no folder: name the one that the coordinator was given")
    id = f"worker-{socket.gethostname()}-{os.getpid()}"
    options = {"coordinator": COORDINATOR, "app": app, "folder": str(folder.absolute())}
    host = TcpHost(id, {COORDINATOR: read_address(place)})
    logging.basicConfig(format="%(message)s", level=logging.INFO)  # says if it cannot be reached
    with interruptible(), lab.errors():
        asyncio.run(host.run(lab.worker, options))


@mapreduce.command()
@root_option
@click.option("--seconds", type=Number(min=0), help="Begin no job after so long.")
@click.option("--runs", type=click.IntRange(min=1), help="Jobs on each host.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first job.")
def stress(root: Path, seconds: float | None, runs: int | None, seed: int) -> None:
    """Run jobs on every host, kill workers at random, and compare with the sequential output.

    The seed fixes the jobs and who is killed when; on a real clock that repeats a run only nearly.
    Exit codes: 0 every output was right, 1 one was not, 2 unusable arguments or files.
    """
    lab = load_lab(root)
    if seconds is None and runs is None:
        seconds = 30.0
    with interruptible(), lab.errors():
        sys.exit(run_stress(lab, seconds, runs, seed))


def read_settings(settings: tuple[str, ...]) -> dict[str, str]:
    """The settings of an app; refuses what has no `=`."""
    for setting in settings:
        if "=" not in setting:
            raise Refusal(f"--set {setting}: write --set NAME=VALUE, as in --set word=whale")
    return dict(setting.split("=", 1) for setting in settings)


def inputs_below(folder: Path, files: tuple[Path, ...]) -> list[str]:
    """The files as a job gets them: relative to its folder if they stand in it, and else absolute."""
    whole = folder.absolute()
    paths = [file.absolute() for file in files]
    return [str(p.relative_to(whole)) if p.is_relative_to(whole) else str(p) for p in paths]


@contextmanager
def bar() -> Iterator[Callable[[int, int, str], None] | None]:
    """A progress bar for each phase, if somebody watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description:6}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as shown:
        tasks = {phase: shown.add_task(phase, total=None) for phase in ("map", "reduce")}

        def progress(done: int, total: int, phase: str) -> None:
            if phase == "reduce":
                finish(shown, tasks["map"])
            shown.update(tasks[phase], completed=done, total=total)

        yield progress


def finish(shown: Progress, task: Any) -> None:
    """Show a phase as done."""
    total = shown.tasks[task].total
    shown.update(task, completed=total or 1, total=total or 1)
