"""`autograder kv stress`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.console import Console

from autograder.commands.kv_options import loading, root_option
from autograder.commands.options import Output
from autograder.commands.real import Failure, Refusal, interruptible
from autograder.kv.root import BACKENDS, Root
from autograder.kv.stress.client import sum_of
from autograder.kv.stress.config import EXAMPLE, BadConfig, Config, read_config
from autograder.kv.stress.live import watching
from autograder.kv.stress.probe import probe
from autograder.kv.stress.process import ServerFailed
from autograder.kv.stress.report import SOUND, compare, say, show
from autograder.kv.stress.result import Result
from autograder.kv.stress.run import PLAIN, Order, stress
from labs.node.hosts.real import explain

PROBE = 1.0  # seconds at most, for each half of a probe


def print_example(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the example and end."""
    if wanted:
        click.echo(EXAMPLE.read_text(encoding="utf-8"), nl=False)
        context.exit()


@click.command("stress")
@root_option
@click.argument("config_file", metavar="CONFIG.json", type=click.Path(path_type=Path))
@click.option(
    "--storage",
    metavar="memory|file|lmdb|FILE.py:Class|all",
    help="Behind the server; without it, kv/server.py; all: the three named in turn, compared.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of all choices by chance.")
@click.option("--json", "json_file", type=Output(), help="Write the results there.")
@click.option(
    "--example",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_example,
    help="Print a CONFIG.json to begin with.",
)
def stress_command(
    root: Path, config_file: Path, storage: str | None, seed: int, json_file: Path | None
) -> None:
    """Put a store under stress, and judge what its clients saw.

    The server is a process of its own, reached over gRPC; the clients are asyncio tasks of this one,
    whose one clock times them all. In the end the server is killed under them by SIGKILL and started
    again, and every key is read; that shows what outlives a kill, and not what outlives a loss of
    power. Time is real, so a seed repeats the choices, and a run only nearly.

    Exit codes: 0 linearizable and nothing lost, 1 not, or the program failed, 2 unusable arguments or
    files, 3 undecided.
    """
    try:
        config = read_config(config_file)
    except BadConfig as error:
        raise Refusal(str(error)) from None
    with loading():
        lab = Root(root)
    console = Console()
    with interruptible(), failing():
        results = asyncio.run(run_all(lab, config, root.absolute(), storage, seed, console))
    if any(sum_of(result.clients).maybe for result in results):
        say(console, [SOUND])
    if storage == "all":
        compare(console, results)
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    codes = {result.exit_code for result in results}
    sys.exit(1 if 1 in codes else max(codes))


@contextmanager
def failing() -> Iterator[None]:
    """Say in one sentence why a run could not be made."""
    try:
        yield
    except ServerFailed as error:
        raise (Refusal if error.exit_code == Refusal.exit_code else Failure)(str(error)) from None
    except Exception as problem:
        raise Failure(explain(problem)) from None


async def run_all(
    lab: Root, config: Config, root: Path, storage: str | None, seed: int, console: Console
) -> list[Result]:
    """Make all runs that were asked for, and show each."""
    results = []
    for name in BACKENDS if storage == "all" else [storage]:
        with watching(console, name or PLAIN, config.test_duration_seconds) as watch:
            result = await stress(Order(config, root, name, seed), lab, watch)
        if storage == "all":
            seconds = min(PROBE, config.test_duration_seconds / 4)
            result.concurrency = await probe(root, name, lab, seconds)
        results.append(result)
        show(console, result)
    return results
