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
    """A finite number in a range."""

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> float:
        """See `click.ParamType.convert`."""
        number: float = super().convert(value, parameter, context)
        if not math.isfinite(number):
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
        there = file.exists()
        try:
            with file.open("ab"):
                pass
            if not there:
                file.unlink()
        except OSError as error:
            raise click.UsageError(f"{option} {file}: {error.strerror}.", context) from None
        return file


class Folder(click.Path):
    """A folder, which is made if it is not there; a place where it cannot be is refused before the work."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, file_okay=False)

    def convert(
        self,
        value: str | os.PathLike[str],
        parameter: click.Parameter | None,
        context: click.Context | None,
    ) -> Path:
        """See `click.ParamType.convert`."""
        folder = Path(os.fsdecode(super().convert(value, parameter, context)))
        option = parameter.opts[0] if parameter else "output"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.UsageError(f"{option} {folder}: {error.strerror}.", context) from None
        if not os.access(folder, os.W_OK):
            raise click.UsageError(f"{option} {folder} cannot be written to.", context)
        return folder


def default_jobs() -> int:
    """One test for each processor that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_JOBS)
    return min(os.cpu_count() or 1, MOST_JOBS)
