"""`autograder kv conformance`: whether anyone's backend keeps what every storage promises."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

import click
from rich.console import Console
from rich.text import Text

from autograder.catalog import GIVEN
from autograder.commands.kv_options import loading, root_option
from autograder.kv.root import Root, find_backend
from autograder.suites.storage.conformance import CHECKS, Check, promise_of
from autograder.suites.storage.crash_checks import CRASH_CHECKS, CrashCheck
from autograder.suites.storage.in_process import Backend, OnFolder, OnSimulatedDisk
from autograder.suites.storage.real_kills import Served, kill_again_and_again
from labs.node import RPCError
from labs.node.hosts.real import explain

KILLED = "After real kills at random moments, acknowledged puts are there, and each whole or not."


class Item(NamedTuple):
    """One promise, and what raises an error if it is broken."""

    promise: str
    check: Callable[[Path], None]


@click.command("conformance")
@root_option
@click.argument("storage", metavar="memory|file|lmdb|FILE.py:Class")
@click.option(
    "--kills", type=click.IntRange(min=0), default=100, show_default=True, help="Real ones."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of all choices by chance.")
def conformance(root: Path, storage: str, kills: int, seed: int) -> None:
    """Check that a backend keeps what every storage promises.

    First what it does, on a real folder. Then kills and losses of power at every moment, on a simulated
    disk, if that is where it keeps its files. Last, a server over it is really killed, with SIGKILL. It
    runs as it is, with all that you may do: it is no way to grade what others have written.

    Exit codes: 0 it keeps all of them, 1 it does not, 2 unusable arguments or files.
    """
    with loading():
        backend = Root(root).backend(storage)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        folders = (Path(folder) / str(n) for n in count())
        items = [on_folder(backend, check) for check in CHECKS]
        if writes_to_disk(backend, next(folders)):
            items += [on_simulated_disk(backend, check, seed) for check in CRASH_CHECKS]
        else:
            console.print("It keeps nothing on the disk of its node: no power is lost there.")
        if kills:
            roots = (str(root.absolute()), str(GIVEN))
            items.append(killed(roots, find_backend(storage), kills, seed))
        broken = sum(not keeps(item, next(folders), console) for item in items)
    console.print(f"{storage} keeps {len(items) - broken} of {len(items)} promises.")
    raise SystemExit(1 if broken else 0)


def on_folder(backend: Backend, check: Check) -> Item:
    """A check of what a storage does."""
    return Item(promise_of(check), lambda folder: asyncio.run(check(OnFolder(backend, folder))))


def on_simulated_disk(backend: Backend, check: CrashCheck, seed: int) -> Item:
    """A check of what a crash leaves."""

    def run(folder: Path) -> None:
        asyncio.run(check(OnSimulatedDisk(backend, folder), Random(seed)))

    return Item(promise_of(check), run)


def killed(roots: tuple[str, ...], program: str, kills: int, seed: int) -> Item:
    """The check by real kills."""

    def run(folder: Path) -> None:
        kill_again_and_again(Served(roots, program, folder), kills, seed)

    return Item(KILLED, run)


def writes_to_disk(backend: Backend, folder: Path) -> bool:
    """Whether a storage keeps its entries on the disk that it is given, where crashes can be played."""
    store = OnSimulatedDisk(backend, folder)

    async def use() -> None:
        await store.open()
        await store.put("k", "value", 0)
        await store.close()

    try:
        asyncio.run(use())
    except Exception:
        return False  # the checks will tell
    return store.simulated.size > 0


def keeps(item: Item, folder: Path, console: Console) -> bool:
    """Check one promise, and say what was found."""
    problem = problem_of(item, folder)
    verdict = Text("FAIL", "bold red") if problem else Text("PASS", "green")
    console.print(Text.assemble(verdict, "  ", item.promise), soft_wrap=True)
    if problem:
        console.print(Text(f"      {problem}"), soft_wrap=True)
    return not problem


def problem_of(item: Item, folder: Path) -> str:
    """Why a promise is not kept; empty if it is."""
    folder.mkdir()
    try:
        item.check(folder)
    except AssertionError as error:
        return str(error).partition("\nassert ")[0]
    except RPCError as error:
        return f"{type(error).__name__}: {error}"
    except Exception as problem:
        return explain(problem)
    return ""
