"""The evidence is the smallest, and says in words what was seen."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any

import pytest

from autograder.checkers import (
    Counter,
    KeyValue,
    Lock,
    Model,
    Operation,
    Register,
    Set,
    VersionedStore,
    check,
    evidence,
)
from autograder.checkers.check import parts
from autograder.checkers.evidence import Pruning, contradiction, shrink
from autograder.checkers.model import Outcome
from autograder.checkers.search import search
from autograder.checkers.timeline import timeline
from autograder.verdict import Verdict
from tests.checkers.generate import REQUESTS, Shape, history
from tests.checkers.large import appends, increments, tenures, versions
from tests.checkers.operations import op

ENOUGH = 100_000  # states


def is_evidence(made: list[Operation], kept: list[Operation], model: Model) -> bool:
    """Whether these are wrong although all others may be at any time or never."""
    line = timeline(made)
    places = {i for i, operation in enumerate(line.operations) if any(operation is k for k in kept)}
    return any(
        contradiction(part, model, sorted(places.intersection(part.fixed)), ENOUGH).verdict
        is Verdict.FAIL
        for part in parts(line, model)
    )


@pytest.mark.parametrize("name", REQUESTS)
def test_none_of_it_can_be_left_out(name: str) -> None:
    wrong = 0
    for at in range(400):
        model, made = history(Random(f"evidence {name} {at}"), name, Shape(operations=7))
        found = check(made, model)
        if found.verdict is Verdict.PASS:
            assert (found.evidence, found.sentence) == ((), "")
            continue
        wrong += 1
        shown = list(found.evidence)
        assert is_evidence(made, shown, model)
        for one in shown:
            rest = [operation for operation in shown if operation is not one]
            assert not is_evidence(made, rest, model), (one, shown)
        assert shown == sorted(shown, key=lambda operation: operation.invoked)
        assert all(any(one is operation for operation in made) for one in shown)
    assert wrong > 20


def test_what_shows_that_an_unanswered_operation_happened_is_part_of_it() -> None:
    made = [
        op("c2", "put", "x", "b", at=(0, 0.5)),
        op("c1", "get", "x", at=(0, 2), gives="b"),
        op("c0", "get", "x", at=(0, 2), gives="a"),
        op("c1", "append", "x", "a", at=(2, 4), error=0),
    ]
    assert check(made, KeyValue).evidence == (made[0], made[2], made[3])


def test_it_is_the_same_every_time() -> None:
    for name in REQUESTS:
        model, made = history(Random(f"again {name}"), name, Shape(operations=9))
        assert check(made, model) == check(made, model) == check(iter(made), model)


@pytest.mark.parametrize(
    ("model", "made", "most"),
    [
        (VersionedStore, versions(10_000, 20, right=False), 2),
        (KeyValue, appends(10_000, 20, right=False), 2),
        (Lock, tenures(10_000, 20, right=False), 4),
        (Counter, increments(10_000, 20, right=False), 2),
    ],
    ids=lambda value: value.name if isinstance(value, Model) else "",
)
def test_it_is_small_however_large_the_history(
    model: Model, made: list[Operation], most: int
) -> None:
    found = check(made, model)
    assert found.verdict is Verdict.FAIL
    assert 2 <= len(found.evidence) <= most


def test_what_only_a_search_decides_has_small_evidence_too() -> None:
    made = [op("a", "write", n % 40, at=(n, n + 0.5)) for n in range(0, 2_000, 2)]
    made += [op("b", "read", at=(n + 1, n + 1.5), gives=n % 40) for n in range(0, 1_990, 2)]
    stale = op("b", "read", at=(1_995, 1_996), gives=None)
    found = check([*made, stale], Register)
    assert found.verdict is Verdict.FAIL
    assert found.states > 0
    assert found.evidence[-1] is stale
    assert len(found.evidence) == 2


@pytest.mark.parametrize("effort", [100, 1_000, 10_000])
def test_a_search_for_it_ends(effort: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any of many writes could have been the one that was read, if it had been later."""
    monkeypatch.setattr(evidence, "EFFORT", effort)
    made = [op("a", "write", n % 2, at=(n, n + 0.5)) for n in range(100)]
    made += [op("b", "read", at=(400 + n, 400.5 + n), gives=n % 2) for n in range(9)]
    (part,) = parts(timeline(made), Register)
    pruning = Pruning(part, Register, search(part, Register, ENOUGH))
    places = pruning.places()
    assert contradiction(part, Register, places, ENOUGH).verdict is Verdict.FAIL
    assert pruning.tried < effort + ENOUGH // 10


def test_it_ends_where_many_operations_may_be_next(monkeypatch: pytest.MonkeyPatch) -> None:
    effort, tried = 20_000, 0
    monkeypatch.setattr(evidence, "EFFORT", effort)

    def collect(state: Any, operation: Operation) -> Outcome | None:
        nonlocal tried
        tried += 1
        return Set.apply(state, operation)

    made = [op("a", "add", n, at=(n, n + 0.2)) for n in range(100)]
    made += [op("b", "read", at=(n + 0.5, n + 0.7), gives=list(range(n + 1))) for n in range(99)]
    made += [op("b", "read", at=(200, 201), gives=list(range(50)))]
    model = dataclasses.replace(Set, apply=collect)
    (part,) = parts(timeline(made), model)
    came = search(part, model, ENOUGH)
    tried = 0
    places = Pruning(part, model, came).places()
    assert effort // 10 < tried < 3 * effort
    assert contradiction(part, Set, places, ENOUGH).verdict is Verdict.FAIL


def test_shrinking_takes_few_looks() -> None:
    looks = 0

    def fails(kept: list[int]) -> bool:
        nonlocal looks
        looks += 1
        return {17, 4_000, 9_999} <= set(kept)

    assert sorted(shrink(list(range(10_000)), fails)) == [17, 4_000, 9_999]
    assert looks < 60


# --- in words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "made", "said"),
    [
        (
            VersionedStore,
            [
                op("c1", "put", "x", "a", 0, at=(0, 1)),
                op("c1", "put", "x", "b", 1, at=(2, 3)),
                op("c1", "put", "x", "c", 2, at=(1_100, 1_200)),
                op("c3", "get", "x", at=(1_240, 1_243), gives=["b", 2]),
            ],
            (
                "client c3 read version 2 of 'x' ('b') at 1.240 to 1.243 s, "
                "40 ms after client c1's put of version 3 of 'x' was acknowledged"
            ),
        ),
        (
            VersionedStore,
            [op("c1", "get", "x", at=(2, 3), gives=["a", 1])],
            "client c1 read version 1 of 'x' ('a') at 0.002 to 0.003 s, which nobody can have written",
        ),
        (
            VersionedStore,
            [
                op("c1", "put", "x", "a", 0, at=(0, 4)),
                op("c2", "put", "x", "b", 0, at=(2, 3)),
            ],
            (
                "client c1's put of version 1 of 'x' was acknowledged at 0.000 to 0.004 s, and "
                "client c2's put of version 1 of 'x' was acknowledged at 0.002 to 0.003 s: both cannot be"
            ),
        ),
        (
            VersionedStore,
            [
                op("c1", "put", "x", "a", 0, at=(0, 1)),
                op("c2", "put", "x", "b", 1, at=(2, 3), error=1001),
                op("c3", "get", "x", at=(12, 13), gives=["a", 1]),
            ],
            (
                "a versioned store allows no order of these: client c1's put of version 1 of 'x' was "
                "acknowledged at 0.000 to 0.001 s; client c2's put of version 2 of 'x' ended with Maybe "
                "at 0.002 to 0.003 s; client c3 read version 1 of 'x' ('a') at 0.012 to 0.013 s"
            ),
        ),
        (
            VersionedStore,
            [op("c1", "put", "x", "a", 0, at=(0, 1), error=20)],
            (
                "client c1's put of version 1 of 'x' was refused because there was no 'x' "
                "at 0.000 to 0.001 s, but version 0 asks for a key that is not there"
            ),
        ),
        (
            VersionedStore,
            [op("c1", "put", "x", "a", 4, at=(0, 1))],
            (
                "client c1's put of version 5 of 'x' was acknowledged at 0.000 to 0.001 s, "
                "although nobody can have written version 4"
            ),
        ),
        (
            KeyValue,
            [
                op("c1", "append", "x", "1 ", at=(0, 1), gives=""),
                op("c2", "append", "x", "2 ", at=(2, 2.4), gives=""),
            ],
            (
                "client c2's append of '2 ' to 'x' found '' at 0.002000 to 0.002400 s, "
                "1 ms after client c1's append of '1 ' to 'x' found ''"
            ),
        ),
        (
            Lock,
            [
                op("c1", "acquire", "l", at=(0, 1)),
                op("c2", "acquire", "l", at=(2, 3)),
                op("c1", "release", "l", at=(4, 5)),
            ],
            (
                "clients c1 and c2 held 'l' at the same time: "
                "client c2 acquired 'l' at 0.002 to 0.003 s; client c1 released 'l' at 0.004 to 0.005 s"
            ),
        ),
        (
            Lock,
            [op("c1", "acquire", "l", at=(0, 1)), op("c2", "release", "l", at=(2, 3))],
            "client c2 released 'l' at 0.002 to 0.003 s, although it did not hold it",
        ),
        (
            Set,
            [op("c1", "add", 1, at=(0, 1)), op("c2", "read", at=(12_000, 12_001), gives=[])],
            (
                "client c2 read [] at 12.000 to 12.001 s, "
                "12.0 s after client c1's addition of 1 was acknowledged"
            ),
        ),
        (
            Counter,
            [op(f"c{n}", "add", 1, at=(n, n + 0.001)) for n in range(8)]
            + [op("r", "read", at=(9, 10), gives=7)],
            (
                "a counter allows no order of these: client c0's addition of 1 was acknowledged "
                "at 0.000000 to 0.000001 s; client c1's addition of 1 was acknowledged at 0.001000 to "
                "0.001001 s; client c2's addition of 1 was acknowledged at 0.002000 to 0.002001 s; 3 more; "
                "client c6's addition of 1 was acknowledged at 0.006000 to 0.006001 s; "
                "client c7's addition of 1 was acknowledged at 0.007000 to 0.007001 s; "
                "client r read 7 at 0.009000 to 0.010000 s"
            ),
        ),
    ],
)
def test_it_is_told(model: Model, made: list[Operation], said: str) -> None:
    assert check(made, model).sentence == said
