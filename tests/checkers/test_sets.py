"""Shared sets: every finding on a history made by hand, and figures against their definition."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from autograder.checkers.history import History, Operation
from autograder.checkers.sets import QUANTILES, judge_set
from autograder.verdict import Verdict

QUIET = 1_000_000
MS = 1_000


def add(
    element: Any, begin: int, end: int | None, node: str = "n1", error: int | None = None
) -> Operation:
    """An addition, from one millisecond to another."""
    returned = None if end is None else end * MS
    return Operation("c1", "add", (element,), begin * MS, returned, None, error, node)


def read(
    begin: int, end: int | None, *found: Any, node: str = "n2", error: int | None = None
) -> Operation:
    """A read, from one millisecond to another."""
    returned, result = (None, None) if end is None else (end * MS, [*found])
    return Operation("c2", "read", (), begin * MS, returned, result, error, node)


def history_of(*operations: Operation) -> History:
    """A history of these, in order of their invocations."""
    made = History()
    for each in sorted(operations, key=lambda each: each.invoked):
        number = made.begin(each.client, each.name, each.args, each.invoked, each.node)
        if each.returned is not None:
            made.end(number, each.returned, each.result, each.error)
    return made


@pytest.mark.parametrize(
    "operations",
    [
        (),
        (add(1, 0, 5), read(1000, 1001, 1)),
        (add(1, 0, 5), read(6, 7), read(1000, 1001, 1)),  # late, and there at last
        (add(1, 0, None), read(1000, 1001)),  # never acknowledged, and never read
        (add(1, 0, None), read(6, 7), read(1000, 1001, 1)),
        (add(1, 0, 5, error=11), read(1000, 1001)),
        (add(1, 0, 5, error=13), read(1000, 1001, 1)),  # an indefinite error says nothing
        (add(1, 0, 5, error=11), add(1, 6, 8), read(1000, 1001, 1)),
        (add(1, 3, 9), read(2, 4, 1), read(1000, 1001, 1)),  # read before it was acknowledged
        (read(5, None), read(8, 9, error=11), read(1000, 1001)),  # no last reads
        (add(1, 1000, 1002), read(1001, 1003)),  # sent when all was quiet already
        (add("1", 0, 5), add(1, 6, 7), add(True, 8, 9), read(1000, 1001, True, 1, "1")),
        (add([1, {"a": 2, "b": 3}], 0, 5), read(1000, 1001, [1, {"b": 3, "a": 2}])),
    ],
)
def test_right_histories_pass(operations: tuple[Operation, ...]) -> None:
    assert judge_set(history_of(*operations), QUIET).finding.verdict is Verdict.PASS


TAKEN = add(1, 0, 5)
OPEN = add(2, 1, None)
LATER = add(3, 20, 25)
REFUSED = add(4, 7, 8, "n3", error=11)
WRONG: list[tuple[str, tuple[Operation, ...], tuple[Operation, ...]]] = [
    (
        "n2 lacks element 1 at the end: n1 took it at 0.005 s",
        (TAKEN, last := read(1000, 1001)),
        (TAKEN, last),
    ),
    (
        "n2 lacks element 1, and 1 more at the end: n1 took it at 0.005 s",
        (TAKEN, LATER, last := read(1000, 1001)),
        (TAKEN, last),
    ),
    (
        "n2 lacks element 2 at the end: a read of n3 had it at 0.012 s",
        (OPEN, seen := read(10, 12, 2, node="n3"), read(11, 13, 2), last := read(1000, 1001)),
        (OPEN, seen, last),
    ),
    (
        "n2 lacks element 2 at the end: a read of n3 had it at 1.002 s",
        (OPEN, last := read(1000, 1001), seen := read(1000, 1002, 2, node="n3")),
        (OPEN, last, seen),
    ),
    (
        "a read of n2 has element 1 twice",
        (TAKEN, twice := read(6, 7, 1, 1), read(1000, 1001, 1)),
        (twice,),
    ),
    (
        "a read of n2 has element 1 3 times",
        (TAKEN, twice := read(1000, 1001, 1, 1, 1)),
        (twice,),
    ),
    (
        "a read of n2 has element 9, which nobody sent",
        (TAKEN, odd := read(6, 7, 1, 9), read(1000, 1001, 1)),
        (odd,),
    ),
    (
        "a read of n2 has element True, which nobody sent",
        (TAKEN, odd := read(1000, 1001, 1, True)),
        (odd,),
    ),
    (
        "a read of n2 has element '1', which nobody sent",
        (TAKEN, odd := read(1000, 1001, "1", 1)),
        (odd,),
    ),
    (
        "a read of n2 has element 3 before it was sent",
        (odd := read(6, 7, 3), LATER, read(1000, 1001, 3)),
        (odd, LATER),
    ),
    (
        "a read of n2 has element 4, although n3 refused it with error 11",
        (REFUSED, odd := read(1000, 1001, 4)),
        (REFUSED, odd),
    ),
    (
        "n2 did not answer the last read, on a whole and quiet network",
        (TAKEN, odd := read(1000, None), read(1001, 1002, 1)),
        (odd,),
    ),
    (
        "n2 answered with error 13 the last read, on a whole and quiet network",
        (odd := read(1000, 1001, error=13),),
        (odd,),
    ),
]


@pytest.mark.parametrize(("sentence", "operations", "evidence"), WRONG, ids=[w[0] for w in WRONG])
def test_wrong_histories_fail(
    sentence: str, operations: tuple[Operation, ...], evidence: tuple[Operation, ...]
) -> None:
    finding = judge_set(history_of(*operations), QUIET).finding
    assert finding.verdict is Verdict.FAIL
    assert finding.sentence == sentence
    assert [str(each) for each in finding.evidence] == [str(each) for each in evidence]
    assert [each.invoked for each in finding.evidence] == [each.invoked for each in evidence]


def test_words_are_those_of_the_workload() -> None:
    told = Operation("c1", "broadcast", (7,), 0, 5, None, None, "n1")
    made = history_of(told, read(1000, 1001))
    finding = judge_set(made, QUIET, add="broadcast", what="message").finding
    assert finding.sentence == "n2 lacks message 7 at the end: n1 took it at 0.000 s"


def test_figures_of_a_known_history() -> None:
    made = history_of(
        add(1, 0, 10),
        add(2, 0, None),
        add(3, 5, 6, error=11),
        read(11, 12),
        read(30, 31),
        read(40, 45, 2),
        read(70, 71, 1),
        read(1000, 1001, 1, 2),
    )
    figures = judge_set(made, QUIET).figures
    assert figures["attempt-count"] == 3
    assert figures["acknowledged-count"] == 1
    assert figures["stable-count"] == 2
    assert figures["stale-count"] == 2
    # 1 is known from 10 on and missing at 40; 2 is known from 45 on and missing at 70.
    assert figures["stable-latencies"] == {0.0: 25.0, 0.5: 30.0, 0.95: 30.0, 0.99: 30.0, 1.0: 30.0}


def test_nothing_known_has_no_latencies() -> None:
    assert judge_set(history_of(read(1000, 1001)), QUIET).figures["stable-latencies"] == {}


# --- against the definitions -----------------------------------------------------------------------


def random_history(random: Random) -> History:
    """Adds and reads at random times; most reads have what they must."""
    made: list[Operation] = []
    for element in range(random.randint(1, 8)):
        begin = random.randint(0, 40)
        end = random.choice([None, begin + random.randint(0, 10), begin + random.randint(0, 10)])
        error = random.choice([None, None, None, 11]) if end is not None else None
        made.append(add(element, begin, end, f"n{random.randint(1, 3)}", error))
    for n in range(random.randint(1, 8)):
        begin = 1000 + n if random.random() < 0.3 else random.randint(0, 60)
        found = [
            each.args[0]
            for each in made
            if each.name == "add" and random.random() < (0.95 if begin >= 1000 else 0.6)
        ]
        found += found[:1] if random.random() < 0.03 else []
        made.append(read(begin, begin + random.randint(0, 5), *found, node="n2"))
    return history_of(*made)


def is_right(history: History) -> bool:
    """The definition of `judge_set`, read by read and element by element."""
    adds = {each.args[0]: each for each in history if each.name == "add"}
    reads = [each for each in history if each.name == "read"]
    acknowledged = {e for e, a in adds.items() if a.returned is not None and a.error is None}
    seen = {element for each in reads for element in each.result}
    return all(
        len(each.result) == len(set(each.result))
        and all(adds[element].invoked <= (each.returned or 0) for element in each.result)
        and all(adds[element].error != 11 for element in each.result)
        and (each.invoked < QUIET or acknowledged | seen <= set(each.result))
        for each in reads
    )


def latencies(history: History) -> list[float]:
    """The definition of the latencies: from when an element is known to the last read that lacks it."""
    found = []
    reads = [each for each in history if each.name == "read"]
    for each in history:
        if each.name != "add":
            continue
        ends = [r.returned for r in reads if each.args[0] in r.result]
        if each.returned is not None and each.error is None:
            ends.append(each.returned)
        if ends:
            known = min(end for end in ends if end is not None)
            lacking = [r.invoked for r in reads if each.args[0] not in r.result]
            found.append(max([0, *(invoked - known for invoked in lacking)]) / 1000)
    return sorted(found)


def test_judgements_are_those_of_the_definitions() -> None:
    right = 0
    for seed in range(3_000):
        history = random_history(Random(seed))
        judgement = judge_set(history, QUIET)
        assert (judgement.finding.verdict is Verdict.PASS) == is_right(history), seed
        late = latencies(history)
        expected = (
            {q: late[min(int(q * len(late)), len(late) - 1)] for q in QUANTILES} if late else {}
        )
        assert judgement.figures["stable-latencies"] == expected, seed
        right += judgement.finding.verdict is Verdict.PASS
    assert 300 < right < 2_700  # both kinds are met often enough
