"""The checkers of counters and of unique ids, on histories by hand and by chance."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Any

import pytest

from autograder.checkers.final_counter import Sums, judge_counter
from autograder.checkers.finding import Finding
from autograder.checkers.history import History
from autograder.checkers.unique import identity, judge_unique
from autograder.verdict import Verdict

QUIET = 1_000
UNKNOWN = object()  # in the place of a result: no answer


def history(*operations: tuple[Any, ...]) -> History:
    """A history of `(client, name, argument, invoked, result)`; operations take 10 microseconds."""
    made = History()
    for client, name, argument, invoked, result in operations:
        args = () if argument is None else (argument,)
        number = made.begin(client, name, args, invoked, f"n{client[1:]}")
        if isinstance(result, Exception):
            made.end(number, invoked + 10, error=result.args[0])
        elif result is not UNKNOWN:
            made.end(number, invoked + 10, result)
    return made


def found(*operations: tuple[Any, ...]) -> Finding:
    """What the checker of counters finds."""
    return judge_counter(history(*operations), QUIET).finding


def last(value: Any, client: str = "c1") -> tuple[Any, ...]:
    """A last read."""
    return (client, "read", None, QUIET + int(client[1:]) * 20, value)


def add(delta: int, invoked: int = 0, result: Any = None, client: str = "c1") -> tuple[Any, ...]:
    """An addition, acknowledged if nothing else is said."""
    return (client, "add", delta, invoked, result)


@pytest.mark.parametrize(
    "operations",
    [
        [last(0)],
        [add(3), add(4, 20), last(7), last(7, "c2")],
        [add(3), add(4, 20, UNKNOWN), last(7), last(3, "c2")],
        [add(3), add(-4, 20, UNKNOWN), add(2, 40, UNKNOWN, "c2"), last(-1), last(5, "c2")],
        [add(3), add(4, 20, Exception(0)), last(7)],  # an indefinite error
        [add(3), add(4, 20, Exception(11)), last(3)],  # a definite one
        [add(3), ("c2", "read", None, 5, 3), ("c2", "read", None, 20, 0), last(3)],
        [add(3), ("c2", "read", None, 20, Exception(0)), last(3)],
        [add(-3), ("c2", "read", None, 20, -3), last(-3)],
    ],
)
def test_right_counters(operations: list[tuple[Any, ...]]) -> None:
    """Histories that a right counter can have."""
    finding = found(*operations)
    assert finding.verdict is Verdict.PASS, finding.sentence


@pytest.mark.parametrize(
    ("operations", "sentence"),
    [
        (
            [add(3), add(4, 20), last(3, "c2"), last(7)],
            "n2 read 3 at the end, 4 too little: the 2 acknowledged additions make 7; n1 read 7",
        ),
        (
            [add(3), last(6)],
            "n1 read 6 at the end, 3 too much: the 1 acknowledged additions make 3",
        ),
        (
            [add(3), add(4, 20, UNKNOWN), last(5)],
            "n1 read 5 at the end, 2 too much: the 1 acknowledged additions make 3, and perhaps some of 4",
        ),
        ([add(3), add(4, 20, Exception(11)), last(7)], "n1 read 7 at the end, 4 too much"),
        (
            [add(3), ("c2", "read", None, 20, 4), last(3)],
            "n2 read 4 at 0.000 s: all 1 additions that had been asked for come to at most 3",
        ),
        (
            [add(3), ("c2", "read", None, 20, -1), last(3)],
            "n2 read -1 at 0.000 s: all 1 additions that had been asked for come to at least 0",
        ),
        ([add(3, 50), ("c2", "read", None, 20, 3), last(3)], "all 0 additions"),
        ([add(3), last(UNKNOWN)], "n1 did not answer the last read, on a whole and quiet network"),
        ([add(3), last(Exception(11))], "n1 answered with error 11 the last read"),
    ],
)
def test_wrong_counters(operations: list[tuple[Any, ...]], sentence: str) -> None:
    """Histories that none can have, with what is said of them; the read is evidence."""
    finding = found(*operations)
    assert finding.verdict is Verdict.FAIL
    assert sentence in finding.sentence
    assert any(each.name == "read" for each in finding.evidence)
    assert len(finding.evidence) < 20


def test_evidence_names_the_lost_addition() -> None:
    """Additions of the size that is missing are shown."""
    finding = found(add(1), add(4, 20, client="c2"), add(2, 40), last(3))
    assert [(each.name, each.args) for each in finding.evidence] == [("add", (4,)), ("read", ())]


def test_sums_are_those_of_subsets() -> None:
    """The sums of all subsets, against a slow definition."""
    random = Random(1)
    for _ in range(200):
        numbers = [random.randint(-5, 5) for _ in range(random.randrange(9))]
        subsets = [c for k in range(len(numbers) + 1) for c in combinations(numbers, k)]
        right = set(map(sum, subsets))
        sums = Sums(numbers)
        assert right == {value for value in range(-60, 61) if value in sums}


def test_many_open_additions() -> None:
    """Ten thousand additions without an answer are no work."""
    sums = Sums([5] * 5_000 + [-5] * 5_000)
    assert 25_000 in sums
    assert -25_000 in sums
    assert 12_345 in sums
    assert 12_346 not in sums


# ---- ids -----------------------------------------------------------------------------------------


def generated(*ids: Any) -> Finding:
    """What the checker of ids finds."""
    asked = ((f"c{n % 3 + 1}", "generate", None, 20 * n, id) for n, id in enumerate(ids))
    return judge_unique(history(*asked)).finding


@pytest.mark.parametrize(
    "ids",
    [
        (),
        (1, 2, "1", True, [1], [2], {"a": 1}, {"a": 2}, [[1]], "", 1.5, "null", False, 0, {}, []),
        ("a", UNKNOWN, UNKNOWN, Exception(11), Exception(11), "b"),
    ],
)
def test_right_ids(ids: tuple[Any, ...]) -> None:
    """Ids of any kind, each once."""
    assert generated(*ids).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "twice",
    [
        (1, 1),
        ("a", "a"),
        (1, 1.0),
        ([1, 2], [1, 2.0]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (True, True),
    ],
)
def test_wrong_ids(twice: tuple[Any, Any]) -> None:
    """An id that comes again, equal as JSON, with both who got it."""
    finding = generated("x", twice[0], "y", "z", twice[1])
    assert finding.verdict is Verdict.FAIL
    assert [each.result for each in finding.evidence] == list(twice)
    assert "n2 gave c2 the id" in finding.sentence
    assert "which it also gave c2 at" in finding.sentence


def test_no_id() -> None:
    """Null is no id."""
    finding = generated("x", None)
    assert finding.sentence == "n2 gave c2 no id at 0.000 s, but null"


def test_figures_of_ids() -> None:
    """Maelstrom's names, with what was given twice."""
    asked = [("c1", "generate", None, 20 * n, id) for n, id in enumerate(["a", "b", "a", UNKNOWN])]
    assert judge_unique(history(*asked)).figures == {
        "attempted-count": 4,
        "acknowledged-count": 3,
        "duplicated-count": 1,
        "duplicated": {"'a'": 2},
    }


def test_identities_are_exact() -> None:
    """Large numbers differ in their last digit."""
    assert identity(2**70) != identity(2**70 + 1)
    assert identity([True]) != identity([1])
