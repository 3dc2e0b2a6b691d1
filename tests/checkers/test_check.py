"""What is refused, what is undecided, and what equal times say."""

from __future__ import annotations

import dataclasses
import tracemalloc

import pytest

from autograder.checkers import (
    Counter,
    Finding,
    History,
    InvalidHistory,
    KeyValue,
    Lock,
    Model,
    Operation,
    Register,
    VersionedStore,
    check,
)
from autograder.checkers.timeline import FOREVER, timeline
from autograder.verdict import Verdict
from tests.checkers.large import versions
from tests.checkers.operations import op

# --- what is no history ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "made", "said"),
    [
        (
            Lock,
            [op("a", "acquire", "l", at=(0, 5)), op("a", "acquire", "l", at=(4, 9))],
            "client a asked for acquire('l') at 4000 µs, before acquire('l') had returned",
        ),
        (
            Lock,
            [op("a", "acquire", "l", at=(5, 4))],
            "acquire('l') of client a returned before it was invoked",
        ),
        (
            KeyValue,
            [op("a", "cas", "x", "1", "2", at=(0, 1))],
            "a key/value store has no operation cas",
        ),
        (KeyValue, [op("a", "put", "x", at=(0, 1))], "a key/value store has no operation put('x')"),
        (
            KeyValue,
            [op("a", "get", ["x"], at=(0, 1))],
            "get(['x']) has arguments that can change",
        ),
        (
            Register,
            [op("a", "write", {"x": 1}, at=(0, 1))],
            "write({'x': 1}) has arguments that can change",
        ),
    ],
)
def test_it_is_refused(model: Model, made: list[Operation], said: str) -> None:
    with pytest.raises(InvalidHistory) as refusal:
        check(made, model)
    assert str(refusal.value).startswith(said)


def test_a_client_may_go_on_without_an_answer() -> None:
    made = [
        op("a", "put", "x", "1", 0, at=(0, None)),
        op("a", "get", "x", at=(4, 9), gives=["1", 1]),
    ]
    assert check(made, VersionedStore).verdict is Verdict.PASS


# --- equal times ----------------------------------------------------------------------------------


def test_operations_that_only_touch_may_be_in_any_order() -> None:
    made = [op("a", "write", 1, at=(0, 5)), op("b", "read", at=(5, 9), gives=None)]
    assert check(made, Register).verdict is Verdict.PASS


def test_a_client_s_own_may_not() -> None:
    made = [op("a", "write", 1, at=(0, 5)), op("a", "read", at=(5, 9), gives=None)]
    assert check(made, Register).verdict is Verdict.FAIL


def test_what_was_invoked_after_a_client_went_on_is_after_what_it_did_before() -> None:
    first, read = op("a", "write", 1, at=(0, 5)), op("b", "read", at=(5, 9), gives=None)
    second = op("a", "write", 2, at=(5, 6))
    assert check([first, read, second], Register).verdict is Verdict.PASS
    assert check([first, second, read], Register).verdict is Verdict.FAIL


def test_operations_that_take_no_time_are_in_the_order_of_their_client() -> None:
    made = [
        op("a", "write", 1, at=(5, 5)),
        op("a", "write", 2, at=(5, 5)),
        op("a", "read", at=(5, 5), gives=1),
    ]
    assert check(made, Register).verdict is Verdict.FAIL
    assert check([made[0], made[2], made[1]], Register).verdict is Verdict.PASS


def test_the_order_in_which_a_history_is_listed_says_nothing_else() -> None:
    made = versions(200, 5, right=False)
    assert check(reversed(made), VersionedStore) == check(made, VersionedStore)


def test_slots_count_invocations() -> None:
    line = timeline(
        [
            op("a", "read", at=(0, 3)),
            op("b", "read", at=(1, None)),
            op("c", "read", at=(2, 2)),
            op("c", "read", at=(4, 5)),
        ]
    )
    assert line.last == [2, FOREVER, 2, 3]


def test_many_operations_within_one() -> None:
    line = timeline(
        [op("a", "read", at=(0, 500)), *(op("b", "read", at=(n, n)) for n in range(1, 300))]
    )
    assert line.last == [299, *range(1, 300)]


# --- as it is recorded ----------------------------------------------------------------------------


def test_a_recorded_history_is_judged() -> None:
    history = History()
    put = history.begin("a", "put", ("x", "1", 0), now=5)
    get = history.begin("b", "get", ("x",), now=6)
    history.end(get, now=8, error=20)
    history.end(put, now=9)
    late = history.begin("b", "get", ("x",), now=10)
    history.end(late, now=12, error=20)
    found = check(history, VersionedStore)
    assert found.verdict is Verdict.FAIL
    assert found.evidence == (history[put], history[late])


def test_a_finding_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Finding(Verdict.PASS).sentence = "?"  # type: ignore[misc]


# --- undecided ------------------------------------------------------------------------------------

# Two dozen writes that may each have been the last, of values that do not tell which, and a wrong read.
HARD = [op(f"c{n}", "add", 1 + n % 7, at=(0, 100)) for n in range(24)]
HARD += [op("r", "read", at=(200, 201), gives=1)]


def test_a_search_that_takes_too_long_is_undecided() -> None:
    found = check(HARD, Counter, budget=500)
    assert found.verdict is Verdict.UNKNOWN
    assert found.sentence == "undecided after 500 states of the search"
    assert (found.evidence, found.states) == ((), 500)


def test_a_wrong_key_is_wrong_although_another_is_undecided() -> None:
    hard = [op(f"c{n}", "put", "x", "ab"[n % 2], at=(0, 100)) for n in range(9)]
    hard += [op(f"d{n}", "append", "x", "ab"[n % 2], at=(0, 100), error=0) for n in range(9)]
    hard += [op("r", "get", "x", at=(200, 201), gives="aabbaabbc")]
    wrong = op("r", "get", "y", at=(202, 203), gives="?")
    assert check(hard, KeyValue, budget=50).verdict is Verdict.UNKNOWN
    assert check([*hard, wrong], KeyValue, budget=50).evidence == (wrong,)


def test_what_a_decider_knows_takes_no_search() -> None:
    assert check(versions(500, 20), VersionedStore, budget=0) == Finding(Verdict.PASS)


def test_a_long_history_needs_no_deep_stack() -> None:
    made = [op("a", "write", n % 3, at=(n, n)) for n in range(5_000)]
    made += [op("b", "read", at=(n, n), gives=n % 3) for n in range(5_000)]
    found = check(made, Register)
    assert found.verdict is Verdict.PASS
    assert found.states > 1_000


def test_memory_is_linear_in_the_history() -> None:
    small, large = peak(versions(2_000, 20)), peak(versions(20_000, 20))
    assert large < 12 * small


def peak(made: list[Operation]) -> int:
    """The bytes that a check needs at most."""
    tracemalloc.start()
    try:
        check(made, VersionedStore)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
