"""Logs of messages under offsets: each promise by hand, and all of them against the definition."""

from __future__ import annotations

import time
from random import Random

import pytest

from autograder.checkers import Operation
from autograder.checkers.offsets import judge_offsets
from autograder.verdict import Verdict
from tests.checkers.offsets import QUIET, history, is_right, right, spoil
from tests.checkers.operations import UNAVAILABLE, op

HISTORIES = 4_000
END = QUIET / 1_000  # milliseconds


def send(client: str, key: str, message: int, begin: float, offset: int) -> Operation:
    """A send that took a millisecond."""
    return op(client, "send", key, message, at=(begin, begin + 1), gives=offset)


def poll(client: str, begin: float, asked: dict[str, int], **msgs: list[list[int]]) -> Operation:
    """A poll that took a millisecond."""
    return op(client, "poll", asked, at=(begin, begin + 1), gives=msgs)


def drain(**msgs: list[list[int]]) -> Operation:
    """The poll of everything, at the end."""
    return op("z", "drain", tuple(msgs), at=(END, END + 1), gives=msgs)


def commit(client: str, begin: float, **offsets: int) -> Operation:
    """A commit that took a millisecond."""
    return op(client, "commit_offsets", offsets, at=(begin, begin + 1))


def listed(client: str, begin: float, keys: str = "x", **offsets: int) -> Operation:
    """A list that took a millisecond."""
    return op(client, "list_committed_offsets", tuple(keys), at=(begin, begin + 1), gives=offsets)


SENDS = [send("a", "x", 1, 0, 0), send("a", "x", 2, 2, 1), send("b", "x", 3, 4, 5)]
ALL = [[0, 1], [1, 2], [5, 3]]

RIGHT = {
    "nothing": [],
    "gaps between offsets": [*SENDS, poll("c", 9, {"x": 0}, x=ALL), drain(x=ALL)],
    "a poll that gives less": [*SENDS, poll("c", 9, {"x": 0}, x=ALL[:1]), drain(x=ALL)],
    "a poll that gives nothing": [*SENDS, poll("c", 9, {"x": 1}), drain(x=ALL)],
    "a poll from the middle": [*SENDS, poll("c", 9, {"x": 1}, x=ALL[1:]), drain(x=ALL)],
    "messages in another order than they were sent in, of two clients": [
        send("a", "x", 1, 0, 7),
        send("b", "x", 2, 2, 3),
        drain(x=[[3, 2], [7, 1]]),
    ],
    "an open send that is there": [op("a", "send", "x", 1, at=(0, None)), drain(x=[[4, 1]])],
    "an open send that is not": [op("a", "send", "x", 1, at=(0, None)), drain(x=[])],
    "a refused send that is not there": [
        op("a", "send", "x", 1, at=(0, 1), error=UNAVAILABLE),
        drain(x=[]),
    ],
    "the same offset in two keys": [
        send("a", "x", 1, 0, 0),
        send("a", "y", 2, 2, 0),
        drain(x=[[0, 1]], y=[[0, 2]]),
    ],
    "a message that is polled before it is acknowledged": [
        op("a", "send", "x", 1, at=(0, 9), gives=0),
        poll("b", 2, {"x": 0}, x=[[0, 1]]),
    ],
    "a lower commit that changes nothing": [
        commit("a", 0, x=5),
        commit("b", 2, x=3),
        listed("a", 4, x=5),
    ],
    "a commit that has not ended": [
        op("a", "commit_offsets", {"x": 5}, at=(0, None)),
        listed("b", 2),
        listed("b", 4, x=5),
    ],
    "a list beside a commit": [op("a", "commit_offsets", {"x": 5}, at=(0, 9)), listed("b", 2)],
    "a list of more than was asked": [commit("a", 0, x=1, y=2), listed("b", 2, x=1, y=2)],
    "a list without an answer, before the end": [
        op("a", "list_committed_offsets", ("x",), at=(0, 1), error=UNAVAILABLE)
    ],
}

WRONG = {
    "two messages under one offset, both acknowledged": (
        [send("a", "x", 1, 0, 0), send("b", "x", 2, 2, 0)],
        "offset 0 of key 'x' has two messages: 1 ( acknowledged it to a at 0.001 s) and 2",
        2,
    ),
    "two messages under one offset, one polled": (
        [send("a", "x", 1, 0, 0), send("b", "x", 2, 0, 1), poll("c", 3, {"x": 0}, x=[[0, 2]])],
        "offset 0 of key 'x' has two messages",
        2,
    ),
    "one message under two offsets": (
        [send("a", "x", 1, 0, 0), poll("c", 3, {"x": 0}, x=[[0, 1], [1, 1]])],
        "message 1 of key 'x' stands twice, under offset 0 ( acknowledged it to a at 0.001 s) and under",
        2,
    ),
    "a message that nobody sent": (
        [poll("c", 3, {"x": 0}, x=[[0, 7]])],
        "has message 7 in key 'x', which nobody sent",
        1,
    ),
    "a message of another key": (
        [send("a", "y", 1, 0, 0), poll("c", 3, {"x": 0}, x=[[0, 1]])],
        "has message 1 in key 'x', and a had sent it to key 'y' at 0.000 s",
        2,
    ),
    "a message whose send was refused": (
        [
            op("a", "send", "x", 1, at=(0, 1), error=UNAVAILABLE),
            poll("c", 3, {"x": 0}, x=[[0, 1]]),
        ],
        "had refused it at 0.001 s with error 11, which says that it never happens",
        2,
    ),
    "a message from the future": (
        [poll("c", 3, {"x": 0}, x=[[0, 1]]), send("a", "x", 1, 9, 0)],
        "has message 1 of key 'x', which a sent only at 0.009 s",
        2,
    ),
    "messages of a key that was not asked for": (
        [send("a", "y", 1, 0, 0), poll("c", 3, {"x": 0}, y=[[0, 1]])],
        "for messages of keys x and got some of key 'y'",
        1,
    ),
    "a poll that skips what was acknowledged": (
        [*SENDS, poll("c", 9, {"x": 0}, x=[[0, 1], [5, 3]])],
        "gave offset 5 of key 'x' and skipped message 2 at offset 1:  acknowledged it to a at 0.003 s",
        2,
    ),
    "a poll that skips the first": (
        [*SENDS, poll("c", 9, {"x": 0}, x=[[1, 2]])],
        "gave offset 1 of key 'x' and skipped message 1 at offset 0",
        2,
    ),
    "a poll that was past an offset that is given later": (
        [send("a", "x", 1, 0, 5), poll("c", 3, {"x": 0}, x=[[5, 1]]), send("b", "x", 2, 6, 2)],
        "gave offset 5 of key 'x' and skipped message 2 at offset 2",
        2,
    ),
    "a poll that skips what another poll had": (
        [
            op("a", "send", "x", 1, at=(0, None)),
            send("b", "x", 2, 0, 1),
            poll("c", 3, {"x": 0}, x=[[0, 1], [1, 2]]),
            poll("d", 6, {"x": 0}, x=[[1, 2]]),
        ],
        "skipped message 1 at offset 0:  gave it to c at 0.004 s",
        2,
    ),
    "a poll that goes back": (
        [*SENDS, poll("c", 9, {"x": 0}, x=[[1, 2], [0, 1]])],
        "and got offset 0 after offset 1",
        1,
    ),
    "a poll that gives a message twice": (
        [*SENDS, poll("c", 9, {"x": 0}, x=[[0, 1], [0, 1]])],
        "and got message 1 at offset 0 twice",
        1,
    ),
    "a poll that begins too early": (
        [*SENDS, poll("c", 9, {"x": 1}, x=ALL)],
        "c polled key 'x' of  from offset 1 at 0.009 s and got offset 0, which is before that",
        1,
    ),
    "sends of one client that go back": (
        [send("a", "x", 1, 0, 5), send("a", "x", 2, 2, 3)],
        "at 0.000 s and got offset 5, and then message 2 at 0.002 s, which got offset 3",
        2,
    ),
    "a message that is missing at the end": (
        [*SENDS, drain(x=ALL[:1])],
        " lacks message 2 of key 'x' at offset 1 at the end, and 1 more:  acknowledged it to a",
        2,
    ),
    "a message that was polled, and is missing at the end": (
        [
            op("a", "send", "x", 1, at=(0, None)),
            poll("c", 3, {"x": 0}, x=[[0, 1]]),
            drain(x=[]),
        ],
        " lacks message 1 of key 'x' at offset 0 at the end:  gave it to c at 0.004 s",
        3,
    ),
    "a last poll without an answer": (
        [op("z", "drain", ("x",), at=(END, END + 1), error=UNAVAILABLE)],
        "answered with error 11 a last poll, on a whole and quiet network",
        1,
    ),
    "a last list without an answer": (
        [op("z", "list_committed_offsets", ("x",), at=(END, None))],
        "did not answer a last list of committed offsets",
        1,
    ),
    "a commit that is ignored": (
        [commit("a", 0, x=5), listed("b", 2)],
        "no committed offset of key 'x' at 0.003 s, although  had acknowledged the commit of 5 to a at",
        2,
    ),
    "a commit of offset 0 that is ignored": (
        [commit("a", 0, x=0), listed("b", 2)],
        "no committed offset of key 'x'",
        2,
    ),
    "a list below a commit": (
        [commit("a", 0, x=5), commit("b", 2, x=3), listed("b", 4, x=3)],
        "gave b committed offset 3 of key 'x' at 0.005 s, although  had acknowledged the commit of 5",
        2,
    ),
    "a list that goes back behind an open commit": (
        [
            op("a", "commit_offsets", {"x": 5}, at=(0, None)),
            listed("b", 2, x=5),
            listed("b", 4),
        ],
        "gave b no committed offset of key 'x' at 0.005 s, although  had given 5 to b at 0.003 s",
        2,
    ),
    "an assignment that ignores a commit": (
        [commit("a", 0, x=5), op("b", "assign", ("x",), at=(2, 3), gives={})],
        "no committed offset of key 'x'",
        2,
    ),
    "an offset that nobody committed": (
        [commit("a", 0, x=5), listed("b", 2, x=6)],
        "gave b committed offset 6 of key 'x' at 0.003 s, and nobody had tried to commit more than 5",
        2,
    ),
    "an offset of a key of which nothing was committed": (
        [commit("a", 0, x=5), listed("b", 2, "y", y=0)],
        "and nobody had tried to commit anything of it",
        1,
    ),
    "an offset that is committed only later": (
        [listed("b", 2, x=6), commit("a", 4, x=6)],
        "and nobody had tried to commit anything of it",
        1,
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name: str) -> None:
    finding, _ = judge_offsets(history(RIGHT[name]), QUIET)
    assert (finding.verdict, finding.sentence) == (Verdict.PASS, "")
    assert is_right(RIGHT[name])


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_operations(name: str) -> None:
    operations, sentence, evidence = WRONG[name]
    finding, _ = judge_offsets(history(operations), QUIET)
    assert finding.verdict is Verdict.FAIL
    assert sentence in finding.sentence
    assert len(finding.evidence) == evidence
    assert not is_right(operations)


@pytest.mark.parametrize("name", WRONG)
def test_the_evidence_is_wrong_by_itself(name: str) -> None:
    operations, _, _ = WRONG[name]
    finding, _ = judge_offsets(history(operations), QUIET)
    sends = [each for each in operations if each.name in ("send", "commit_offsets")]
    alone = {id(each): each for each in (*finding.evidence, *sends)}.values()
    assert judge_offsets(history(alone), QUIET).finding.verdict is Verdict.FAIL


def test_histories_by_chance_are_judged_as_they_are_defined() -> None:
    verdicts = []
    for number in range(HISTORIES):
        random = Random(number)
        made = right(random)
        if number % 4:
            made = spoil(random, made)
        found = judge_offsets(history(made), QUIET).finding
        assert is_right(made) is (found.verdict is Verdict.PASS), (number, found.sentence)
        verdicts.append(found.verdict)
    assert min(map(verdicts.count, (Verdict.PASS, Verdict.FAIL))) > HISTORIES / 5


def test_right_histories_by_chance_pass() -> None:
    for number in range(500):
        assert judge_offsets(history(right(Random(number), 5, 20)), QUIET).finding.sentence == ""


def test_the_lag_is_that_of_the_message_that_was_known_longest() -> None:
    made = [*SENDS, poll("c", 10, {"x": 1}), poll("c", 20, {"x": 2}), poll("d", 30, {"x": 9})]
    lag = judge_offsets(history(made), QUIET).figures["worst-realtime-lag"]
    assert lag == {"lag": 0.015, "key": "x", "client": "c", "time": 0.02}


def test_what_was_polled_is_no_lag() -> None:
    made = [*SENDS, poll("c", 10, {"x": 0}, x=ALL)]
    figures = judge_offsets(history(made), QUIET).figures
    assert figures["worst-realtime-lag"] == {"lag": 0.0}
    assert figures["send-count"] == figures["acknowledged-count"] == figures["polled-count"] == 3


def test_twenty_thousand_operations_are_judged_in_seconds() -> None:
    made = history(right(Random(1), 4, 5_000))
    began = time.process_time()
    assert judge_offsets(made, QUIET).finding.sentence == ""
    assert len(made) > 20_000
    assert time.process_time() - began < 4
