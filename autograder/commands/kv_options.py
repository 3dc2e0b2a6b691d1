"""What the commands of `autograder kv` share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from autograder.catalog import REPOSITORY
from autograder.commands.options import FOLDER
from autograder.commands.real import Refusal
from autograder.kv.root import Unusable

HERE = "127.0.0.1:6824"

root_option = click.option(
    "--root",
    type=FOLDER,
    default=REPOSITORY / "solutions",
    help="Whose server, clerk and backends; default: the solutions.",
)


@contextmanager
def loading() -> Iterator[None]:
    """Refuse a root that cannot be used."""
    try:
        yield
    except Unusable as error:
        raise Refusal(str(error)) from None


def join(host: str, port: int) -> str:
    """Host and port as gRPC writes them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
