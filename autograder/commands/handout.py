"""`autograder handout`."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.catalog import LABS
from autograder.commands.options import FOLDER
from autograder.commands.real import Refusal
from autograder.course.export import hand_out
from autograder.course.terms import Refused


@click.command("handout")
@click.argument("folder", type=FOLDER)
@click.option(
    "--lab", "names", multiple=True, type=click.Choice(sorted(LABS)), help="Only this lab."
)
def handout_command(folder: Path, names: tuple[str, ...]) -> None:
    """Write what students may have into FOLDER, which must be new or empty.

    That is the stubs, what is given, the texts of the labs and the autograder with its suites: no
    solutions, no mutants, no history.
    """
    labs = [lab for lab in LABS.values() if not names or lab.name in names]
    try:
        number = hand_out(folder, labs)
    except Refused as error:
        raise Refusal(str(error)) from None
    except OSError as error:
        raise Refusal(f"{folder} cannot be written: {error.strerror}.") from None
    click.echo(f"{folder}: {number} files, of {', '.join(lab.name for lab in labs)}.")
