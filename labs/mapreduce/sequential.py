"""The whole job in one process, one step after another: what a distributed run must amount to."""

from collections.abc import Iterable
from pathlib import Path

from mapreduce.app import App, format_line, parse_line, read_input


def sequential(app: App, files: Iterable[str], folder: Path) -> str:
    """The output of a job: byte for byte the `mr-out-0` of a run with a single reduce task.

    `files` are absolute, or relative to `folder`.
    """
    groups: dict[str, list[str]] = {}
    for file in files:
        for key, value in app.map(file, read_input(folder / file)):
            groups.setdefault(key, []).append(value)
    return "".join(format_line(key, app.reduce(key, groups[key])) for key in sorted(groups))


def merged(folder: Path) -> str:
    """The outputs `mr-out-*` of a job as one, sorted by key: what `sequential` gives.

    Raises ValueError for a line that is no line of output.
    """
    lines: list[str] = []
    for path in folder.glob("mr-out-*"):
        # With newline="\n" a line ends there alone, and not at a carriage return.
        with path.open(encoding="utf-8", newline="\n") as file:
            lines += file
    return "".join(sorted(lines, key=parse_line))
