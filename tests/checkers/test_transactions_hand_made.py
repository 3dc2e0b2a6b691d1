"""Every anomaly by a history made by hand, and one beside it in which it is just not there."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from autograder.checkers import InvalidHistory, Operation
from autograder.checkers.transactions import LEVELS, judge_transactions
from autograder.checkers.transactions.levels import ANOMALIES
from autograder.verdict import Verdict
from tests.checkers.transactions import txn

History = list[Operation]
RU, RC, SI = "read-uncommitted", "read-committed", "snapshot-isolation"
SER, STRICT, SESSION = "serializable", "strict-serializable", "strong-session-serializable"


def r(key: str, value: Any) -> tuple[Any, ...]:
    return ("r", key, value)


def w(key: str, value: int) -> tuple[Any, ...]:
    return ("w", key, value)


def a(key: str, value: int) -> tuple[Any, ...]:
    return ("append", key, value)


def found(history: History, model: str, quiet: float | None = None) -> list[str]:
    """The anomalies that a model forbids in a history."""
    appends = any(m[0] == "append" for each in history for m in each.args)
    end = None if quiet is None else round(quiet * 1000)
    finding, figures = judge_transactions(history, model, appends, end)
    names: list[str] = figures["anomaly-types"]
    assert (finding.verdict is Verdict.FAIL) == bool(names)
    assert (finding.verdict is Verdict.FAIL) == bool(finding.evidence) == bool(finding.sentence)
    return names


def at_once(*transactions: tuple[tuple[Any, ...], ...]) -> History:
    """Transactions of different clients at the same time."""
    return [txn(f"c{n}", *micros, at=(0, 10)) for n, micros in enumerate(transactions, start=1)]


# The name of an anomaly, the weakest model that forbids it, and transactions that show it.
SHOWN: list[tuple[str, str, History]] = [
    (
        "G0",
        RC,
        at_once((a("x", 1), a("y", 2)), (a("x", 3), a("y", 4)), (r("x", [1, 3]), r("y", [4, 2]))),
    ),
    (
        "G0",
        RU,
        at_once((a("x", 1), a("y", 2)), (a("x", 3), a("y", 4)), (r("x", [1, 3]), r("y", [4, 2]))),
    ),
    ("G0", RU, at_once((a("x", 1), a("x", 2)), (a("x", 3),), (r("x", [1, 3, 2]),))),
    ("G1b", RC, at_once((a("x", 1), a("x", 2)), (r("x", [1]),))),
    ("G1b", RC, at_once((w("x", 1), w("x", 2)), (r("x", 1),))),
    ("G1c", RC, at_once((a("x", 1), r("y", [2])), (a("y", 2), r("x", [1])))),
    ("G1c", RC, at_once((w("x", 1), r("y", 2)), (w("y", 2), r("x", 1)))),
    (
        "incompatible-order",
        RC,
        at_once((a("x", 1),), (a("x", 2),), (r("x", [1, 2]),), (r("x", [2, 1]),)),
    ),
    ("unrepeatable-read", SI, at_once((w("x", 1),), (r("x", None), r("x", 1)))),
    ("unrepeatable-read", SI, at_once((a("x", 1),), (r("x", []), r("x", [1])))),
    ("lost-update", SI, at_once((r("x", None), w("x", 1)), (r("x", None), w("x", 2)))),
    ("lost-update", SI, at_once((r("x", []), a("x", 1)), (r("x", []), a("x", 2)))),
    ("G-single", SI, at_once((w("x", 1), w("y", 2)), (r("x", None), r("y", 2)))),
    ("G-single", SI, at_once((a("x", 1), a("y", 2)), (r("x", []), r("y", [2])))),
    (
        "G-nonadjacent",
        SI,
        at_once((a("x", 1),), (r("x", [1]), r("y", [])), (a("y", 2),), (r("y", [2]), r("x", []))),
    ),
    ("G2", SER, at_once((r("x", None), w("y", 1)), (r("y", None), w("x", 2)))),
    ("G2", SER, at_once((r("x", []), a("y", 1)), (r("y", []), a("x", 2)))),
    ("own-write-unseen", RU, at_once((w("x", 1), r("x", None)))),
    ("own-write-unseen", RU, at_once((w("x", 1), r("x", 2)), (w("x", 2),))),
    ("own-write-unseen", RU, at_once((a("x", 1), a("x", 2), r("x", [2])))),
    ("garbage-read", RU, at_once((r("x", 7),))),
    ("garbage-read", RU, at_once((r("x", [7]),), (a("y", 7),))),
    ("garbage-read", RU, at_once((r("x", 1), w("x", 1)))),
    ("garbage-read", RU, [txn("c1", r("x", 1), at=(0, 1)), txn("c2", w("x", 1), at=(2, 3))]),
    ("duplicate-elements", RU, at_once((a("x", 1),), (r("x", [1, 1]),))),
    ("G1a", RC, [txn("c1", w("x", 1), at=(0, 1), error=30), txn("c2", r("x", 1), at=(2, 3))]),
    ("G1a", RC, [txn("c1", a("x", 1), at=(0, 1), error=30), txn("c2", r("x", [1]), at=(2, 3))]),
    (
        "G-single-realtime",
        STRICT,
        [txn("c1", w("x", 1), at=(0, 1)), txn("c2", r("x", None), at=(2, 3))],
    ),
    (
        "G-single-realtime",
        STRICT,
        [txn("c1", a("x", 1), at=(0, 1)), txn("c2", r("x", []), at=(2, 3))],
    ),
    (
        "G-single-process",
        SESSION,
        [txn("c1", w("x", 1), at=(0, 1)), txn("c1", r("x", None), at=(1, 3))],
    ),
]


@pytest.mark.parametrize(("name", "model", "history"), SHOWN, ids=[f"{n}-{m}" for n, m, _ in SHOWN])
def test_an_anomaly_is_found(name: str, model: str, history: History) -> None:
    assert name in found(history, model)


@pytest.mark.parametrize(("name", "model", "history"), SHOWN, ids=[f"{n}-{m}" for n, m, _ in SHOWN])
def test_an_anomaly_is_allowed_below_its_level(name: str, model: str, history: History) -> None:
    bare = name.removesuffix("-realtime").removesuffix("-process")
    for level in LEVELS.values():
        if bare not in level.forbids or (bare != name and not level.order):
            assert name not in found(history, level.name)


# Transactions that are just right, and the strictest model that they fit.
RIGHT: list[tuple[str, str, History]] = [
    ("nothing", STRICT, []),
    ("empty", STRICT, at_once(())),
    (
        "order of appends",
        STRICT,
        at_once((a("x", 1), a("y", 2)), (a("x", 3), a("y", 4)), (r("x", [1, 3]), r("y", [2, 4]))),
    ),
    ("own appends last", STRICT, at_once((a("x", 1),), (r("x", [1]), a("x", 2), r("x", [1, 2])))),
    ("last value", STRICT, at_once((w("x", 1), w("x", 2)), (r("x", 2),))),
    ("own intermediate", STRICT, at_once((w("x", 1), r("x", 1), w("x", 2), r("x", 2)))),
    ("one flow", STRICT, at_once((w("x", 1), r("y", None)), (w("y", 2), r("x", 1)))),
    ("write skew", SI, at_once((r("x", None), w("y", 1)), (r("y", None), w("x", 2)))),
    ("stale read", SER, [txn("c1", w("x", 1), at=(0, 1)), txn("c2", r("x", None), at=(2, 3))]),
    (
        "same microsecond",
        STRICT,
        [txn("c1", w("x", 1), at=(0, 1)), txn("c2", r("x", None), at=(1, 3))],
    ),
    ("read skew", RC, at_once((w("x", 1), w("y", 2)), (r("x", None), r("y", 2)))),
    (
        "dirty read",
        RU,
        [txn("c1", w("x", 1), at=(0, 1), error=30), txn("c2", r("x", 1), at=(2, 3))],
    ),
    (
        "open was done",
        STRICT,
        [txn("c1", w("x", 1), at=(0, None)), txn("c2", r("x", 1), at=(5, 6))],
    ),
    (
        "open was not",
        STRICT,
        [txn("c1", w("x", 1), at=(0, None)), txn("c2", r("x", None), at=(5, 6))],
    ),
    (
        "open was late",
        STRICT,
        [
            txn("c1", a("x", 1), at=(0, None)),
            txn("c2", r("x", []), at=(5, 6)),
            txn("c2", r("x", [1]), at=(7, 8)),
        ],
    ),
    (
        "indefinite error",
        STRICT,
        [txn("c1", a("x", 1), at=(0, 1), error=13), txn("c2", r("x", [1]), at=(2, 3))],
    ),
    ("null list", STRICT, at_once((r("x", None), a("x", 1), r("x", [1])))),
]


@pytest.mark.parametrize(("what", "model", "history"), RIGHT, ids=[what for what, _, _ in RIGHT])
def test_what_is_right_passes(what: str, model: str, history: History) -> None:
    assert found(history, model) == []


def test_a_stricter_model_forbids_what_a_weaker_one_does() -> None:
    order = [LEVELS[name].forbids for name in (RU, RC, SI, SER, STRICT)]
    assert all(weaker <= stricter for weaker, stricter in pairwise(order))
    assert order[-1] == set(ANOMALIES)


# --- replies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ([["r", "x", None]], "2 operations were asked, and the reply has 1"),
        ([["r", "x", None], ["w", "y", 2], ["w", "y", 2]], "and the reply has 3"),
        ([["w", "y", 1], ["r", "x", None]], "operation 1 was ['r', 'x', None]"),
        ([["r", "x", None], ["w", "y", 2]], "operation 2 was ['w', 'y', 1]"),
        ([["r", "x", None], ["w", "y", None]], "operation 2 was ['w', 'y', 1]"),
        ([["r", "z", None], ["w", "y", 1]], "operation 1 was ['r', 'x', None]"),
        ([["r", "x", [1]], ["w", "y", 1]], "operation 1 of the reply reads [1]"),
        ([["r", "x"], ["w", "y", 1]], "operation 1 of the reply is ['r', 'x']"),
        (None, "the reply has none"),
    ],
)
def test_a_reply_has_what_was_asked(result: Any, why: str) -> None:
    asked = Operation("c1", "txn", (("r", "x", None), ("w", "y", 1)), 0, 1, result, node="n1")
    finding, figures = judge_transactions([asked], RU, appends=False)
    assert figures["anomaly-types"] == ["malformed-reply"]
    assert why in finding.sentence
    assert finding.evidence == (asked,)


def test_a_value_that_is_written_twice_is_no_history() -> None:
    with pytest.raises(InvalidHistory):
        judge_transactions(at_once((w("x", 1),), (w("x", 1),)), RU, appends=False)


# --- the end --------------------------------------------------------------------------------------

WRITES = [txn("c1", w("x", 1), w("y", 2), at=(0, 1)), txn("c2", w("x", 3), w("y", 4), at=(0, 1))]


@pytest.mark.parametrize(
    ("last", "names"),
    [
        ([[r("x", 3), r("y", 4)], [r("x", 3), r("y", 4)]], []),
        ([[r("x", 3), r("y", 4)], [r("x", 1), r("y", 4)]], ["divergence"]),
        ([[r("x", None), r("y", 4)], [r("x", None), r("y", 4)]], ["lost-write"]),
        ([[r("x", 1), r("y", 4)], [r("x", 1), r("y", 4)]], ["G0"]),
    ],
)
def test_nodes_that_converge(last: list[list[Any]], names: list[str]) -> None:
    reads = [txn(f"c{n}", *micros, at=(20, 21)) for n, micros in enumerate(last, start=1)]
    assert found([*WRITES, *reads], RU, quiet=10) == names
    assert found([*WRITES, *reads], RU) == []


def test_what_is_overwritten_by_what_was_read() -> None:
    history = [
        txn("c1", w("x", 1), at=(0, 1)),
        txn("c2", r("x", 1), w("x", 2), at=(2, 3)),
        txn("c3", r("x", 1), at=(20, 21)),
    ]
    assert found(history, RC, quiet=10) == ["cyclic-versions"]
    assert found(history, RU, quiet=10) == []


def test_an_old_value_comes_back() -> None:
    history = [
        txn(f"c{n}", m, at=(2 * n, 2 * n + 1))
        for n, m in enumerate((w("x", 1), w("x", 2), r("x", 1)))
    ]
    assert found(history, STRICT) == ["cyclic-versions"]
    assert found(history, SER) == []


def test_a_last_read_is_answered() -> None:
    history = [*WRITES, txn("c1", r("x", 1), at=(20, None))]
    assert found(history, RU, quiet=10) == ["unanswered"]


# --- words ----------------------------------------------------------------------------------------


def test_a_cycle_is_told_with_its_operations() -> None:
    history = at_once((w("x", 1), r("y", 2)), (w("y", 2), r("x", 1)), (w("z", 9),))
    finding, _ = judge_transactions(history, RC, appends=False)
    assert finding.sentence == (
        "not read-committed: G1c, circular information flow: T0 of c1 wrote 1 to x, which T1 of c2 read; "
        "T1 of c2 wrote 2 to y, which T0 of c1 read"
    )
    assert finding.evidence == tuple(history[:2])


def test_of_several_anomalies_the_clearest_is_told() -> None:
    history = at_once((w("x", 1), r("y", 2)), (w("y", 2), r("x", 1)), (r("z", 5),))
    finding, figures = judge_transactions(history, RC, appends=False)
    assert figures["anomaly-types"] == ["garbage-read", "G1c"]
    assert len(finding.evidence) == 1
