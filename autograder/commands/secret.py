"""`autograder secret`: the secret that the seeds of a graded run come from."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.real import Refusal
from autograder.report.text import SENTENCE, line
from autograder.secret import FILE_VARIABLE, course_secret, fingerprint, new_secret

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("secret")
def secret() -> None:
    """Make the secret of a course, or tell which one a verdict was made with."""


@secret.command("new")
@click.argument("file", type=FILE)
def new_command(file: Path) -> None:
    """Write a new secret to FILE, which must not be there, for its owner alone to read."""
    try:
        made = new_secret(file)
    except FileExistsError:
        raise Refusal(f"{file} is there: name a new file, and keep the old one.") from None
    except OSError as error:
        raise Refusal(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"{file} holds a new secret; verdicts made with it say {made}.")


@secret.command("show")
@click.argument("file", type=FILE)
def show_command(file: Path) -> None:
    """Print what verdicts that were made with FILE say of it: not the secret."""
    try:
        click.echo(fingerprint(course_secret({FILE_VARIABLE: str(file)})))
    except (OSError, ValueError) as error:
        raise Refusal(line(str(error), SENTENCE)) from None
