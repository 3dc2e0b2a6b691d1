"""`autograder kv serve`: the key/value store as a real service over gRPC."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from autograder.commands.kv_options import HERE, join, loading, root_option
from autograder.commands.options import FOLDER, Number
from autograder.commands.real import Failure, Refusal, open_listener, read_address
from autograder.kv.loss import Dice
from autograder.kv.root import Root
from autograder.kv.server import Server, SilentHost
from labs.node import RPCError
from labs.node.hosts.real import explain


@click.command()
@root_option
@click.option(
    "--storage",
    metavar="memory|file|lmdb|FILE.py:Class",
    help="What keeps the entries; without it, kv/server.py does.",
)
@click.option("--folder", type=FOLDER, help="Where the storage keeps its files.")
@click.option(
    "--listen", default=HERE, show_default=True, metavar="HOST:PORT", help="Port 0 chooses one."
)
@click.option("--loss", type=Number(0, 100), default=0.0, help="Percent of messages to lose.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the losses.")
@click.option("--until-stdin-ends", is_flag=True, help="End when standard input does, too.")
def serve(
    root: Path,
    storage: str | None,
    folder: Path | None,
    listen: str,
    loss: float,
    seed: int,
    until_stdin_ends: bool,
) -> None:
    """Serve a store until Ctrl-C or SIGTERM.

    Exit codes: 0 ended by a signal, 1 the server failed, 2 unusable arguments or files.
    """
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    with loading():
        lab = Root(root)
        store = lab.store(storage)
    if folder is not None:
        check_writable(folder)
    elif store.blocks:
        raise Refusal(f"--storage {storage} keeps files: say where, with --folder")
    host, port = read_address(listen)
    open_listener(listen).close()  # says why, if it cannot be had
    disk = SilentHost("server", folder.absolute() if folder else Path("disks"))
    dice = Dice(loss, f"{seed} server") if loss else None
    make = partial(Server, store, lab.methods, disk, dice)
    asyncio.run(serve_until_told(make, host, port, until_stdin_ends))


async def serve_until_told(
    make: Callable[[], Server], host: str, port: int, until_stdin_ends: bool
) -> None:
    """Serve, say where, and return after a signal."""
    server, loop = make(), asyncio.get_running_loop()
    life = loop.create_task(server.run(join(host, port), partial(announce, host)))

    def end() -> None:
        if not life.cancelling():  # a second signal would cut its farewell short
            life.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    try:
        if until_stdin_ends:
            loop.add_reader(sys.stdin.fileno(), end)
        await life
    except asyncio.CancelledError:
        click.echo("stopped", err=True)
    except Exception as problem:
        raise ending(problem, server.port is not None) from None
    else:
        raise Failure("the server ended, because its main returned")


def ending(problem: Exception, has_listened: bool) -> click.ClickException:
    """Why a server ended, or could not start, in one sentence."""
    if has_listened:
        return Failure(explain(problem))
    if isinstance(problem, RPCError):
        return Refusal(f"the storage cannot use its folder: {problem}")
    return Refusal(f"the server cannot start: {explain(problem)}")


def announce(host: str, port: int) -> None:
    """Say where the server listens, and who may then do what."""
    click.echo(f"the server listens on {join(host, port)}")
    if not is_loopback(host):
        click.echo(
            "There is no authentication: whoever reaches this port can read and write everything.",
            err=True,
        )


def is_loopback(host: str) -> bool:
    """Whether this machine alone can reach an address."""
    places = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return all(ipaddress.ip_address(place[4][0]).is_loopback for place in places)


def check_writable(folder: Path) -> None:
    """Refuse a folder in which no file can be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Refusal(f"cannot write in {folder}: {error.strerror}") from None
