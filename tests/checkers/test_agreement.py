"""Deciders, search and definition agree; and a mistake in a decider would be found like this."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.checkers import KeyValue, Model, Operation, VersionedStore, check
from autograder.checkers.check import parts
from autograder.checkers.search import search
from autograder.checkers.timeline import timeline
from autograder.verdict import Verdict
from tests.checkers.agreement import DECIDED, ENOUGH, Agreement, compare, compare_part, show
from tests.checkers.brute_force import is_linearizable
from tests.checkers.generate import REQUESTS, Shape, history
from tests.checkers.planted import MISTAKES, Mistake

HISTORIES = 5_000  # of each kind
DECIDABLE = 3_000  # of these, at least, in which a decider knows
TINY = Shape(operations=5, clients=3)


@pytest.mark.parametrize("name", DECIDED)
def test_deciders_agree_with_the_search(name: str) -> None:
    found = compare(name, HISTORIES, seed=1)
    assert found.disagreements == []
    assert found.compared > DECIDABLE
    assert min(found.verdicts[Verdict.PASS], found.verdicts[Verdict.FAIL]) > DECIDABLE // 20


def test_they_agree_on_twenty_thousand_histories() -> None:
    assert len(DECIDED) * DECIDABLE > 20_000


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_in_a_decider_is_found(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    mistake.plant(monkeypatch)
    assert compare(mistake.kind, HISTORIES, seed=1, most=1).disagreements


@pytest.mark.parametrize("name", REQUESTS)
def test_the_search_agrees_with_the_definition(name: str) -> None:
    verdicts = set()
    for at in range(800):
        model, made = history(Random(f"{name} {at}"), name, TINY)
        right = Verdict.PASS if is_linearizable(made, model) else Verdict.FAIL
        assert by_search(made, model) is right, show(made)
        assert check(made, model).verdict is right, show(made)
        verdicts.add(right)
    assert verdicts == {Verdict.PASS, Verdict.FAIL}


def by_search(made: list[Operation], model: Model) -> Verdict:
    """The verdict of the search alone."""
    verdicts = {search(part, model, ENOUGH).verdict for part in parts(timeline(made), model)}
    return Verdict.FAIL if Verdict.FAIL in verdicts else Verdict.PASS


# --- shapes that chance does not draw -------------------------------------------------------------

TIMES = st.tuples(st.integers(0, 8), st.integers(0, 4))
PUTS = st.tuples(st.just("put"), st.sampled_from("ab"), st.integers(0, 2))
ANSWERS = st.sampled_from([None, None, None, 22, 20, 1001, 0, "lost"])
GETS = st.tuples(st.just("get"), st.sampled_from("ab"), st.integers(1, 3))
APPENDS = st.tuples(
    st.sampled_from(["append", "get"]), st.sampled_from("xyz"), st.text("xyz", max_size=3)
)


def versioned(
    at: int, drawn: tuple[tuple[str, str, int], tuple[int, int], int | str | None]
) -> Operation:
    (name, value, version), (invoked, length), answer = drawn
    returned = None if answer == "lost" else invoked + length
    error = answer if isinstance(answer, int) else None
    if name == "put":
        return Operation(f"c{at}", name, ("x", value, version), invoked, returned, None, error)
    return Operation(f"c{at}", name, ("x",), invoked, returned, [value, version])


@given(st.lists(st.tuples(st.one_of(PUTS, GETS), TIMES, ANSWERS), max_size=7))
@settings(max_examples=100, derandomize=True, database=None, deadline=None)
def test_versioned_stores_of_any_shape(drawn: list[Any]) -> None:
    assert_agreement([versioned(at, one) for at, one in enumerate(drawn)], VersionedStore)


@given(st.lists(st.tuples(APPENDS, TIMES, st.booleans()), max_size=6))
@settings(max_examples=100, derandomize=True, database=None, deadline=None)
def test_appends_of_any_shape(drawn: list[Any]) -> None:
    made = []
    for at, ((name, value, found), (invoked, length), answered) in enumerate(drawn):
        args = ("x", value) if name == "append" else ("x",)
        returned = invoked + length if answered else None
        made.append(Operation(f"c{at}", name, args, invoked, returned, found))
    assert_agreement(made, KeyValue)


def assert_agreement(made: list[Operation], model: Model) -> None:
    found = Agreement()
    for part in parts(timeline(made), model):
        compare_part(part, model, found)
    assert found.disagreements == []
