"""Options and defaults that several commands share."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click

FOLDER = click.Path(path_type=Path, file_okay=False)
MOST_JOBS = 8


class Number(click.FloatRange):
    """A number in a range. NaN is in none, though it is neither below nor above it."""

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> float:
        """See `click.ParamType.convert`."""
        number: float = super().convert(value, parameter, context)
        if math.isnan(number):
            self.fail(f"{value} is not a number.", parameter, context)
        return number


class Output(click.Path):
    """A file to write in the end: one that is there keeps until then what it holds.

    A place that cannot be written is refused before the work, not after.
    """

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        parameter: click.Parameter | None,
        context: click.Context | None,
    ) -> Path:
        """See `click.ParamType.convert`."""
        file = Path(os.fsdecode(super().convert(value, parameter, context)))
        option = parameter.opts[0] if parameter else "output"
        if not file.absolute().parent.is_dir():
            raise click.UsageError(f"{option} {file}: there is no folder {file.parent}.", context)
        if file.is_dir():
            raise click.UsageError(f"{option} {file} is a folder: name a file.", context)
        return file


def default_jobs() -> int:
    """One test for each processor that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_JOBS)
    return min(os.cpu_count() or 1, MOST_JOBS)
