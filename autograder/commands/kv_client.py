"""`autograder kv get` and `put`: the clerk of a root, for a user at a shell."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from autograder.commands.kv_options import HERE, join, loading, root_option
from autograder.commands.options import Number
from autograder.commands.real import Failure, Refusal, read_address
from autograder.kv.client import Caller, open_channel
from autograder.kv.root import Clerk, Root
from autograder.kv.server import SilentHost
from labs.node import Mistake, NotSupported, RPCError
from labs.node.hosts.real import explain
from labs.node.node import create

T = TypeVar("T")
Question = Callable[[Any], Awaitable[T]]

LONGEST = 86_400.0  # seconds to wait

server_option = click.option(
    "--server", "place", default=HERE, show_default=True, metavar="HOST:PORT"
)
timeout_option = click.option(
    "--timeout",
    type=Number(0, LONGEST, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds to reach the server, and to get an answer.",
)


class Unknown(click.ClickException):
    """Whether a put was done is not known."""

    exit_code = 3

    def __init__(self, why: str) -> None:
        super().__init__(f"the put may have been done, or not: {why}")


@click.command()
@root_option
@server_option
@timeout_option
@click.argument("key")
def get(root: Path, place: str, timeout: float, key: str) -> None:
    """Print the value of KEY, and its version on standard error.

    Exit codes: 0 done, 1 there is no such key, 2 unusable arguments, or no answer.
    """
    value, version = ask(root, place, timeout, Refusal, lambda clerk: clerk.get(key))
    click.echo(value)
    click.echo(f"version {version}", err=True)


@click.command()
@root_option
@server_option
@timeout_option
@click.option("--version", type=click.IntRange(min=0), required=True, help="0 creates the key.")
@click.argument("key")
@click.argument("value")
def put(root: Path, place: str, timeout: float, version: int, key: str, value: str) -> None:
    """Set KEY to VALUE if it has this version, which becomes one higher.

    Exit codes: 0 done, 1 refused, and nothing was changed, 2 unusable arguments, or no server was
    reached, 3 whether it was done is not known.
    """
    ask(root, place, timeout, Unknown, lambda clerk: clerk.put(key, value, version))
    click.echo(f"version {version + 1}", err=True)


def ask(
    root: Path, place: str, timeout: float, doubt: type[click.ClickException], question: Question[T]
) -> T:
    """What a clerk of the root's is answered, or why not, in a sentence: `doubt` if that is not sure."""
    with loading():
        lab = Root(root)
        clerk = lab.clerk_class()
    host, port = read_address(place)
    try:
        socket.create_connection((host, port), timeout).close()
    except OSError as error:
        raise Refusal(f"no server can be reached at {place}: {error.strerror or error}") from None
    try:
        return asyncio.run(ask_clerk(lab, clerk, join(host, port), timeout, question))
    except TimeoutError:
        raise doubt(f"{place} gave no answer within {timeout:g} s") from None
    except NotSupported:
        raise Refusal(f"what listens at {place} is no key/value server") from None
    except lab.maybe as error:
        raise doubt(f"{error}. Get the key to see") from None
    except Mistake as error:
        raise Refusal(str(error)) from None
    except RPCError as error:
        raise (Failure if error.definite else doubt)(str(error)) from None
    except Exception as problem:
        raise doubt(explain(problem)) from None


async def ask_clerk(
    lab: Root, clerk: Clerk, address: str, timeout: float, question: Question[T]
) -> T:
    """Ask a clerk. Raises `TimeoutError` if it gets no answer."""
    async with open_channel(address) as channel:
        options = {"channel": channel, "methods": lab.methods}
        caller = create(Caller, SilentHost("clerk"), options)
        return await asyncio.wait_for(question(clerk(caller, "server")), timeout)
