"""Mistakes that a decider could have: each is planted, and the comparison has to find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from autograder.checkers.deciders import chains, counter, ladder, lock, log, succession, versions


class Mistake(NamedTuple):
    """What is put in the place of what, and the kind of histories that show it."""

    name: str
    kind: str
    plant: Callable[[pytest.MonkeyPatch], None]


def instead(
    owner: object, name: str, make: Callable[[Any], Any]
) -> Callable[[pytest.MonkeyPatch], None]:
    """Replace a function by one made from it."""
    return lambda patch: patch.setattr(owner, name, make(getattr(owner, name)))


def nothing(_: Any) -> Callable[..., None]:
    return lambda *_: None


MISTAKES = [
    Mistake(
        "a refused put says nothing",
        "versioned store",
        instead(versions, "take_other", nothing),
    ),
    Mistake(
        "a refused put says only that the key existed",
        "versioned store",
        instead(versions, "take_other", lambda _: lambda i, version, ladder: ladder.before(0, i)),
    ),
    Mistake(
        "a Maybe says only that the put may have taken effect",
        "versioned store",
        instead(versions, "take_refusal", nothing),
    ),
    Mistake(
        "a Maybe says that the key existed",
        "versioned store",
        instead(versions, "take_refusal", lambda _: versions.take_other),
    ),
    Mistake(
        "what found another state bounds only one side",
        "versioned store",
        instead(
            ladder,
            "follow",
            lambda _: (
                lambda spans, begin, end, others: [
                    (max(begin, spans[0][0]), min(end, *(b for _, b in others)))
                ]
            ),
        ),
    ),
    Mistake(
        "values are not compared",
        "versioned store",
        instead(succession.Succession, "agree", lambda _: lambda self, state: True),
    ),
    Mistake(
        "an unanswered put is forgotten",
        "versioned store",
        instead(succession.Succession, "first_chance", nothing),
    ),
    Mistake(
        "a read says nothing of the state after it",
        "versioned store",
        instead(ladder.Ladder, "before", nothing),
    ),
    Mistake(
        "chains may overlap",
        "register",
        instead(chains, "clashing", nothing),
    ),
    Mistake(
        "a chain may lie within another one",
        "register",
        instead(
            chains,
            "clashing",
            lambda clashing: lambda zones: clashing([z for z in zones if z.end < z.begin]),
        ),
    ),
    Mistake(
        "chains that touch clash",
        "register",
        instead(
            chains,
            "clashing",
            lambda clashing: lambda zones: clashing([z._replace(end=z.end - 1) for z in zones]),
        ),
    ),
    Mistake(
        "an unanswered append is forgotten",
        "appends",
        instead(chains.Chances, "of", lambda _: lambda self, state: []),
    ),
    Mistake(
        "a release without a lock is fine",
        "lock",
        instead(lock, "take", lambda take: lambda i, name, own: take(i, name, own) and None),
    ),
    Mistake(
        "two may hold the lock",
        "lock",
        instead(lock, "overlap", nothing),
    ),
    Mistake(
        "an addition that has to wait is made at once",
        "counter",
        instead(counter.Schedule, "_due", nothing),
    ),
    Mistake(
        "a read does not limit what comes before it",
        "counter",
        instead(counter, "limits", lambda limits: lambda wants, n: [-1] * (n + 1)),
    ),
    Mistake(
        "additions that end last are made first",
        "counter",
        instead(counter, "heappush", lambda _: lambda heap, item: heap.insert(0, item)),
    ),
    Mistake(
        "an append whose place was not told is forgotten",
        "log",
        instead(log.Entries, "_take_unplaced", nothing),
    ),
    Mistake(
        "what was not read is not placed",
        "log",
        instead(log.Entries, "_take_beyond", nothing),
    ),
]
