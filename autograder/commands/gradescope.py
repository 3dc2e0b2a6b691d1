"""`autograder gradescope`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from autograder.catalog import LABS
from autograder.commands.options import Output
from autograder.commands.real import Refusal
from autograder.course.package import pack
from autograder.course.settings import CourseSettings, SettingsError, read_settings
from autograder.course.terms import Refused


@click.command("gradescope")
@click.argument("name", metavar="LAB", type=click.Choice(sorted(LABS)))
@click.option("--out", "file", type=Output(), required=True, help="The zip to write.")
@click.option("--course", type=click.Path(path_type=Path), help="A course.toml.")
@click.option("--unconfined", is_flag=True, help="Grade there even if nothing can be confined.")
def gradescope_command(name: str, file: Path, course: Path | None, unconfined: bool) -> None:
    """Make the zip that grades LAB on Gradescope, with run_autograder and setup.sh."""
    try:
        settings = CourseSettings() if course is None else read_settings(course)
        settings = msgspec.structs.replace(settings, unconfined=unconfined or settings.unconfined)
        confidential = pack(LABS[name], settings, file)
    except (Refused, SettingsError) as error:
        raise Refusal(str(error)) from None
    except OSError as error:
        raise Refusal(f"{file} cannot be written: {error.strerror}.") from None
    if confidential:
        click.echo(f"{file} holds the course's secret: give it to Gradescope, and to nobody else.")
    else:
        click.echo(
            f"{file} holds no secret, so students can know the seeds: "
            "`autograder secret new FILE` makes one."
        )
