"""What a history says of logs, sorted by what was asked; and how to say it in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograder.checkers.finding import Finding
from autograder.checkers.history import Operation
from autograder.verdict import Verdict

SECOND = 1_000_000
POLLS = frozenset({"poll", "drain"})
LISTS = frozenset({"list_committed_offsets", "assign"})
LAST = frozenset({"drain", "list_committed_offsets"})  # questions asked at the end


@dataclass
class Records:
    """Operations by what they ask, each list in order of invocations."""

    sends: dict[Any, Operation] = field(default_factory=dict)  # by message
    polls: list[Operation] = field(default_factory=list)  # answered, drains among them
    commits: list[Operation] = field(default_factory=list)
    lists: list[Operation] = field(default_factory=list)  # answered

    @classmethod
    def of(cls, history: Iterable[Operation]) -> Records:
        """Sort a history."""
        records = cls()
        for each in history:
            if each.name == "send":
                records.sends[each.args[1]] = each
            elif each.name == "commit_offsets":
                records.commits.append(each)
            elif each.name in POLLS and good(each):
                records.polls.append(each)
            elif each.name in LISTS and good(each):
                records.lists.append(each)
        return records


def good(operation: Operation) -> bool:
    """Whether an operation got the answer that it asked for."""
    return operation.returned is not None and operation.error is None


def asked(poll: Operation) -> dict[str, int]:
    """The offsets from which a poll asked; a drain asks from the first."""
    if poll.name == "drain":
        return dict.fromkeys(poll.args[0], 0)
    offsets: dict[str, int] = poll.args[0]
    return offsets


def unanswered(history: Iterable[Operation], quiet: int) -> Finding | None:
    """A question at the end without an answer."""
    for each in history:
        if each.invoked >= quiet and each.name in LAST and not good(each):
            why = "did not answer" if not each.error else f"answered with error {each.error}"
            what = "a last poll" if each.name == "drain" else "a last list of committed offsets"
            return fail(f"{each.node} {why} {what}, on a whole and quiet network", each)
    return None


# ---- sentences -----------------------------------------------------------------------------------


def at(microseconds: int | None) -> str:
    """A moment, in words."""
    return f"at {(microseconds or 0) / SECOND:.3f} s"


def told(witness: Operation) -> str:
    """How an operation came to tell where a message stands."""
    if witness.name == "send":
        return f"{witness.node} acknowledged it to {witness.client} {at(witness.returned)}"
    return f"{witness.node} gave it to {witness.client} {at(witness.returned)}"


def fail(sentence: str, *evidence: Operation) -> Finding:
    """A broken promise, and the operations that show it, each once, in order of time."""
    different = {id(each): each for each in evidence}.values()
    return Finding(Verdict.FAIL, sentence, tuple(sorted(different, key=lambda each: each.invoked)))
