"""What the test applications saw: which call ran on which worker, from when to when."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from autograder.cluster.member import Member


class Run(NamedTuple):
    """One call of `map` (for an input) or `reduce` (for a key); times in seconds."""

    node: str
    kind: str
    name: str
    begin: float
    end: float  # infinite if it never came to its end

    def __str__(self) -> str:
        return f"{self.task} on {self.node} at {self.begin:.1f} s"

    @property
    def task(self) -> str:
        """What was done, in words."""
        return f"the map of {self.name}" if self.kind == "map" else f"the reduce of {self.name!r}"


class Line(NamedTuple):
    """One line of a witness."""

    now: float
    event: str
    kind: str
    name: str


def runs(members: Iterable[Member], nonce: str) -> list[Run]:
    """All calls that the workers' application has told of, in order of time."""
    found = [run for member in members for run in runs_on(member.id, lines(member, nonce))]
    return sorted(found, key=lambda run: run.begin)


def lines(member: Member, nonce: str) -> Iterator[Line]:
    """The lines of a worker's application."""
    for note in member.log:
        if note.kind == "out" and note.text.startswith(f"@{nonce} "):
            try:
                _, event, kind, name = note.text.split(" ", 3)
                yield Line(note.now / 1e6, event, kind, str(json.loads(name)))
            except (ValueError, RecursionError):
                continue  # not one of ours


def runs_on(node: str, said: Iterable[Line]) -> list[Run]:
    """The calls on one worker: each begin with the next end of the same call."""
    found: list[Run] = []
    for line in said:
        if line.event == "begin":
            found.append(Run(node, line.kind, line.name, line.now, math.inf))
            continue
        for n, run in enumerate(found):
            if (run.kind, run.name, run.end) == (line.kind, line.name, math.inf):
                found[n] = run._replace(end=line.now)
                break
    return found


def most_at_once(found: Iterable[Run]) -> int:
    """How many workers at most were at work at the same moment."""
    found = list(found)
    at_once = [{run.node for run in found if run.begin <= r.begin < run.end} for r in found]
    return max(map(len, at_once), default=0)


def first_end(found: Iterable[Run], name: str) -> float:
    """When one call of that name first came to its end."""
    return min((run.end for run in found if run.name == name), default=math.inf)


def first_twice(found: Iterable[Run]) -> tuple[Run, Run] | None:
    """The first call that was made a second time, with its second time; None if there is none."""
    first: dict[tuple[str, str], Run] = {}
    for run in found:
        if (earlier := first.setdefault((run.kind, run.name), run)) is not run:
            return earlier, run
    return None


def check_none_twice(found: Iterable[Run], although: str) -> None:
    """Raise `AssertionError` if a call was made twice; `although` says why none should have been."""
    if twice := first_twice(found):
        earlier, later = twice
        raise AssertionError(
            f"{earlier.task} ran on {earlier.node} at {earlier.begin:.1f} s "
            f"and again on {later.node} at {later.begin:.1f} s, although {although}"
        )
