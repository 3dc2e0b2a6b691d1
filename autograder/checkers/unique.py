"""Ids that nobody else gets, ever."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from autograder.checkers.finding import Finding, Judgement
from autograder.checkers.history import History, Operation, short
from autograder.verdict import Verdict

SHOWN = 10  # ids that are counted in the figures


def judge_unique(history: History, name: str = "generate") -> Judgement:
    """Whether all results of the operations of that name are ids, and no two of them are equal."""
    asked = [each for each in history if each.name == name]
    done = [each for each in asked if each.returned is not None and each.error is None]
    given: dict[Hashable, list[Operation]] = {}
    for each in done:
        given.setdefault(identity(each.result), []).append(each)
    twice = [owners for owners in given.values() if len(owners) > 1]
    figures = {
        "attempted-count": len(asked),
        "acknowledged-count": len(done),
        "duplicated-count": len(twice),
        "duplicated": {short(owners[0].result): len(owners) for owners in twice[:SHOWN]},
    }
    return Judgement(no_id(done) or repeated(twice) or Finding(Verdict.PASS), figures)


def identity(value: Any) -> Hashable:
    """Equal for ids that are equal as JSON: `1` and `1.0` are one number, and `true` is none."""
    if isinstance(value, dict):
        return "object", frozenset((name, identity(each)) for name, each in value.items())
    if isinstance(value, list):
        return "array", tuple(map(identity, value))
    if value is None or isinstance(value, bool | str):
        return type(value).__name__, value
    return "number", value


def no_id(done: Iterable[Operation]) -> Finding | None:
    """The first answer without an id."""
    for each in done:
        if each.result is None:
            sentence = f"{each.node} gave {each.client} no id at {at(each)}, but null"
            return Finding(Verdict.FAIL, sentence, (each,))
    return None


def repeated(twice: Iterable[list[Operation]]) -> Finding | None:
    """The first id that was given again."""
    pairs = (sorted(owners, key=lambda each: each.returned or 0)[:2] for owners in twice)
    first = min(pairs, key=lambda pair: pair[1].returned or 0, default=None)
    if first is None:
        return None
    one, other = first
    sentence = (
        f"{other.node} gave {other.client} the id {short(other.result)} at {at(other)}, which "
        f"{given_before(one, other)} gave {one.client} at {at(one)}"
    )
    return Finding(Verdict.FAIL, sentence, tuple(sorted(first, key=lambda each: each.invoked)))


def given_before(one: Operation, other: Operation) -> str:
    """Who gave an id first."""
    return "it also" if one.node == other.node else str(one.node)


def at(operation: Operation) -> str:
    """When an operation was answered."""
    return f"{(operation.returned or 0) / 1e6:.3f} s"
