"""What of a solution would give it away, and where it is found."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from autograder.catalog import REPOSITORY

SOLUTIONS = REPOSITORY / "solutions"
TELLING = 25  # characters of a line that could give a solution away
RUN = 3  # lines one after the other, of which the judge, too, may have no copy
MARKER = re.compile(r"\s*# (BEGIN|END) SOLUTION")


def regions(source: str) -> Iterator[list[str]]:
    """The lines of each region of a file; those outside of any come last."""
    outside: list[str] = []
    inside: list[str] | None = None
    for line in filter(None, map(str.strip, source.splitlines())):
        if match := MARKER.match(line):
            if inside is not None:
                yield inside
            inside = [] if match[1] == "BEGIN" else None
        else:
            (outside if inside is None else inside).append(line)
    yield outside


@cache
def solved() -> tuple[list[list[str]], str]:
    """The regions of all solutions, and the text outside of them."""
    files = [path.read_text(encoding="utf-8") for path in sorted(SOLUTIONS.rglob("*.py"))]
    pages = [path.read_text(encoding="utf-8") for path in sorted(SOLUTIONS.rglob("*.md"))]
    found = [list(regions(text)) for text in files]
    inside = [region for each in found for region in each[:-1]]
    return inside, "\n".join(["\n".join(each[-1]) for each in found] + pages)


@cache
def telling_lines() -> frozenset[str]:
    """The lines of regions that are part of nothing outside of them."""
    inside, outside = solved()
    lines = {line for region in inside for line in region if len(line) >= TELLING}
    return frozenset(line for line in lines if line not in outside)


@cache
def telling_runs() -> frozenset[str]:
    """So many lines of a region one after the other, with a telling one among them."""
    inside, _ = solved()
    runs = [region[at : at + RUN] for region in inside for at in range(len(region) - RUN + 1)]
    return frozenset("\n".join(run) for run in runs if telling_lines() & set(run))


def leaks(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """The files that give a solution away, with what does.

    That is any telling line; in the judge, which may read an entry as a server does, any such run.
    """
    return [
        (name, found)
        for name, text in texts.items()
        for found in (
            inside(telling_runs(), flush(text))
            if name.startswith("autograder/")
            else inside(telling_lines(), text.replace('\\"', '"'))
        )
    ]


def inside(wanted: Collection[str], text: str) -> list[str]:
    """Those that the text holds."""
    return sorted(each for each in wanted if each in text)


def flush(text: str) -> str:
    """A text without indents and empty lines."""
    return "\n".join(filter(None, map(str.strip, text.splitlines())))
