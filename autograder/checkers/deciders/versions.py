"""The decider for the versioned store: versions say in which order the puts happened.

A put that was acknowledged with version i leads from version i to i + 1, and so does, perhaps, one without
an answer. One that was refused found another version. A Maybe does both: perhaps it led to i + 1, at any
time, and before the answer it found another version. Version 0 is a key that is missing.
"""

from __future__ import annotations

from typing import Any

from autograder.checkers.calls import Part, is_definite
from autograder.checkers.deciders import succession
from autograder.checkers.deciders.conflict import Conflict
from autograder.checkers.deciders.ladder import Ladder
from autograder.checkers.deciders.succession import Succession
from autograder.checkers.history import Operation
from autograder.checkers.model import MISMATCH, MISSING

NO_KEY, WRONG_VERSION = MISSING.code, MISMATCH.code
MAYBE = 1001  # a put that was sent again was refused; an earlier sending may have effect
NEVER = -1  # a version that no key has
PAIR = (list, tuple)


def decide(part: Part) -> Conflict | None:
    """The first conflict of a part; see `Decider`. Applies always."""
    return succession.decide(part, read, puts_of)


def puts_of(part: Part, start: int, stop: int) -> set[int]:
    """The puts that may have left certain versions."""
    operations = part.timeline.operations
    return {
        i
        for i in part.fixed
        if operations[i].name == "put" and start <= version_of(operations[i]) <= stop
    }


def read(part: Part, start: int, stop: int) -> Succession:
    """What the operations say of each version."""
    operations, last = part.timeline
    found = Succession(Ladder(last), lambda i: operations[i].args[1])
    for i in part.free:
        put = operations[i]
        if put.returned is None or put.error is None or not is_definite(put.error):
            found.perhaps.setdefault(version_of(put), []).append((-1, i))
    low, high, shown = found.ladder.low, found.ladder.high, found.shown
    for i in part.fixed:
        operation = operations[i]
        if operation.name == "put":
            take_put(i, operation, found)
        elif operation.returned is not None and operation.error is None:
            # In place of `seen` and `show`: half of all operations come here.
            version = read_version(operation.result)
            low[version] = i
            first = high.setdefault(version - 1, i)
            if last[i] < last[first]:
                high[version - 1] = i
            known = shown.get(version)
            if known is None or known[1] != operation.result[0]:
                take_value(i, operation, found)
        elif operation.error == NO_KEY and operation.returned is not None:
            low[0] = i
    return found


def take_value(i: int, get: Operation, found: Succession) -> None:
    """Note a value that was not read before."""
    version = read_version(get.result)
    if version < 1:
        found.cannot_be(i)
    else:
        found.show(version, i, get.result[0])


def take_put(i: int, put: Operation, found: Succession) -> None:
    """Note what a put says."""
    version, error = version_of(put), put.error
    if put.returned is None:
        found.perhaps.setdefault(version, []).append((i, i))
    elif error is None:
        found.made(version, i)
        if version < 0 or put.result is not None:
            found.cannot_be(i)
    elif error == WRONG_VERSION:
        take_other(i, version, found.ladder)
    elif error == NO_KEY:
        found.seen(0, i)
        if version == 0:
            found.cannot_be(i)
    elif not is_definite(error):
        found.perhaps.setdefault(version, []).append((i, i))
        if error == MAYBE:
            take_refusal(i, version, found.ladder)


def take_other(i: int, version: int, ladder: Ladder) -> None:
    """The key was there with another version: it existed, and this version was not all there was."""
    ladder.before(0, i)
    if version == 1:
        ladder.before(1, i)
    elif version > 1:
        ladder.others.setdefault(version, []).append(i)


def take_refusal(i: int, version: int, ladder: Ladder) -> None:
    """Of a Maybe: the key had another version, or was missing and the put does not create it."""
    if version == 0:
        ladder.before(0, i)
    elif version != NEVER:
        ladder.others.setdefault(version, []).append(i)


def version_of(put: Operation) -> int:
    """The version that a put names."""
    version = put.args[2]
    return version if isinstance(version, int) and version >= 0 else NEVER


def read_version(result: Any) -> int:
    """The version that a get gave."""
    good = isinstance(result, PAIR) and len(result) == 2 and isinstance(result[1], int)
    return result[1] if good else NEVER
