"""Logs of messages under offsets, as Kafka keeps them: all poll what was acknowledged, in one order.

A history has `send(key, message) -> offset`, `poll({key: from}) -> {key: [[offset, message], ...]}`,
`drain(keys)` (a poll of everything, as the last question), `commit_offsets({key: offset})`, and
`list_committed_offsets(keys) -> {key: offset}`, under that name or as `assign`, after which a client
polls from there. Messages differ from each other. Offsets may have gaps: only their order counts.

    records.py     the history by what it says: sends, polls, commits, lists
    places.py      which message stands where: one under each offset, one offset for each, none made up
    order.py       polls that skip or go back, sends that go back, what is missing at the end
    commits.py     committed offsets that are ignored, go back, or that nobody committed
    figures.py     counts, and how far polls lagged behind

The anomalies are those of Jepsen's checker for Kafka (Kingsbury, "Redpanda 21.10.1", 2022), and those of
committed offsets, which no poll of Maelstrom's ever uses.
"""

from __future__ import annotations

from autograder.checkers.finding import Finding, Judgement
from autograder.checkers.history import History
from autograder.checkers.offsets.commits import wrong_lists
from autograder.checkers.offsets.figures import figures
from autograder.checkers.offsets.order import backward_sends, missing_at_end, wrong_polls
from autograder.checkers.offsets.places import Places, misplaced
from autograder.checkers.offsets.records import Records, unanswered
from autograder.verdict import Verdict


def judge_offsets(history: History, quiet: int) -> Judgement:
    """Whether logs kept their promises.

    Questions that were asked after `quiet`, in microseconds, must be answered, and in full.
    """
    records = Records.of(history)
    places = Places()
    wrong = (
        unanswered(history, quiet)
        or misplaced(records, places)
        or wrong_polls(records, places)
        or backward_sends(records)
        or missing_at_end(records, places, quiet)
        or wrong_lists(records)
    )
    return Judgement(wrong or Finding(Verdict.PASS), figures(records, places))
