"""`autograder stubs`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.catalog import REPOSITORY
from autograder.stubs import StubsError, build, check


@click.command("stubs")
@click.option("--check", "only_check", is_flag=True, help="Change nothing; fail on a difference.")
@click.option("--solutions", type=click.Path(path_type=Path), default=REPOSITORY / "solutions")
@click.option("--labs", type=click.Path(path_type=Path), default=REPOSITORY / "labs")
def stubs_command(only_check: bool, solutions: Path, labs: Path) -> None:
    """Compute the stubs in labs/ from solutions/."""
    try:
        said = check(solutions, labs) if only_check else list(map(str, build(solutions, labs)))
    except StubsError as error:
        raise click.UsageError(str(error)) from None
    for line in said:
        click.echo(line)
    if only_check and said:
        click.echo("Run `autograder stubs` to compute them again.", err=True)
        sys.exit(1)
