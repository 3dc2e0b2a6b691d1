"""Sets that nodes share: what was added is read everywhere, after a while and from then on.

The figures are those of Jepsen's checker `set-full`: how long after an element was known a read still
lacked it. What it lets pass is wrong here: an element that is read twice, and a node that lacks one at the
end while others have it.

Elements are what JSON can say, and equal if JSON says the same: 1 is not `true`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from autograder.checkers.calls import is_definite
from autograder.checkers.finding import Finding, Judgement
from autograder.checkers.history import History, Operation, short
from autograder.verdict import Verdict

QUANTILES = (0.0, 0.5, 0.95, 0.99, 1.0)
SECOND = 1_000_000

PLAIN = frozenset({int, str})  # types of elements that are equal only to those of the same type

Key = Any  # what stands for an element: itself, or its JSON if Python cannot tell it from others
Adds = Mapping[Key, Sequence[Operation]]  # by element: who was asked to add it, in order of time

encode = msgspec.json.Encoder(order="sorted").encode


def key_of(element: Any) -> Key:
    """What is equal for equal elements, and can be a member of a set."""
    return element if type(element) in PLAIN else (encode(element),)


def keys_of(elements: Sequence[Any]) -> frozenset[Key]:
    """The keys of several elements."""
    plain = PLAIN.issuperset(map(type, elements))  # most are, and there may be millions
    return frozenset(elements if plain else map(key_of, elements))


class Read(NamedTuple):
    """A read that was answered, and what it has."""

    operation: Operation
    found: frozenset[Key]

    @property
    def end(self) -> int:
        """When it was answered."""
        return end_of(self.operation)


def judge_set(history: History, quiet: int, add: str = "add", what: str = "element") -> Judgement:
    """Whether reads of a set had what they must.

    Those invoked at `quiet` or later must have all that was sent before and acknowledged, or ever read.
    """
    adds: dict[Key, list[Operation]] = {}
    for each in history:
        if each.name == add:
            adds.setdefault(key_of(each.args[0]), []).append(each)
    asked = [each for each in history if each.name == "read"]
    reads = [Read(each, keys_of(each.result)) for each in asked if succeeded(each)]
    reads.sort(key=lambda read: read.operation.invoked)
    known = known_since(adds, reads)
    wrong = (
        impossible(adds, reads, what)
        or unanswered(asked, quiet)
        or lost(adds, known, reads, quiet, what)
    )
    return Judgement(wrong or Finding(Verdict.PASS), figures(adds, known, reads))


def succeeded(operation: Operation) -> bool:
    """Whether an operation had an answer that is no error."""
    return operation.returned is not None and operation.error is None


def refused(operation: Operation) -> bool:
    """Whether an operation has not happened and never will: it ended with a definite error."""
    return operation.error is not None and is_definite(operation.error)


def end_of(operation: Operation) -> int:
    """When an operation that was answered was."""
    assert operation.returned is not None
    return operation.returned


def unanswered(reads: Iterable[Operation], quiet: int) -> Finding | None:
    """A last read without an answer."""
    for read in reads:
        if read.invoked >= quiet and not succeeded(read):
            why = "did not answer" if not read.error else f"answered with error {read.error}"
            return fail(f"{read.node} {why} the last read, on a whole and quiet network", read)
    return None


def impossible(adds: Adds, reads: Iterable[Read], what: str) -> Finding | None:
    """A read with an element that is there twice, or that nobody can have added by then."""
    order = sorted(adds, key=lambda key: adds[key][0].invoked)
    never = {key for key, asked in adds.items() if all(map(refused, asked))}
    sent: set[Key] = set()
    place = 0
    for read in sorted(reads, key=lambda read: read.end):
        while place < len(order) and adds[order[place]][0].invoked <= read.end:
            sent.add(order[place])
            place += 1
        all_once = len(read.found) == len(read.operation.result)
        if not (all_once and read.found <= sent and read.found.isdisjoint(never)):
            return why_impossible(adds, read, what)
    return None


def why_impossible(adds: Adds, read: Read, what: str) -> Finding:
    """What is wrong with a read that cannot be, about the first such element in it."""
    keys = [key_of(element) for element in read.operation.result]
    for element, key in zip(read.operation.result, keys, strict=True):
        told = f"a read of {read.operation.node} has {what} {short(element)}"
        if (times := keys.count(key)) > 1:
            how = "twice" if times == 2 else f"{times} times"
            return fail(f"{told} {how}", read.operation)
        if key not in adds:
            return fail(f"{told}, which nobody sent", read.operation)
        first = adds[key][0]
        if first.invoked > read.end:
            return fail(f"{told} before it was sent", read.operation, first)
        if all(map(refused, adds[key])):
            why = f"although {first.node} refused it with error {first.error}"
            return fail(f"{told}, {why}", read.operation, *adds[key])
    raise AssertionError("this read can be")


def lost(
    adds: Adds,
    known: Mapping[Key, Operation],
    reads: Iterable[Read],
    quiet: int,
    what: str,
) -> Finding | None:
    """A last read that lacks what was acknowledged, or what another read had."""
    order = sorted(known, key=lambda key: end_of(known[key]))
    for read in reads:
        operation = read.operation
        if operation.invoked < quiet:
            continue
        missing = [key for key in order if key not in read.found and adds[key][0].invoked < quiet]
        if missing:
            added, since = adds[missing[0]][0], known[missing[0]]
            others = f", and {len(missing) - 1} more" if missing[1:] else ""
            return fail(
                f"{operation.node} lacks {what} {short(added.args[0])}{others} at the end: "
                f"{told_of(since)} at {end_of(since) / SECOND:.3f} s",
                *([added, since] if since.name == "read" else [since]),
                operation,
            )
    return None


def told_of(since: Operation) -> str:
    """How an element became known."""
    return f"a read of {since.node} had it" if since.name == "read" else f"{since.node} took it"


def known_since(adds: Adds, reads: Iterable[Read]) -> dict[Key, Operation]:
    """The operation whose end made each element known: its addition, or the first read that had it."""
    known: dict[Key, Operation] = {}
    for key, asked in adds.items():
        if done := [each for each in asked if succeeded(each)]:
            known[key] = min(done, key=end_of)
    seen: set[Key] = set()
    for read in sorted(reads, key=lambda read: read.end):
        for key in read.found - seen:
            if key in adds and (key not in known or read.end < end_of(known[key])):
                known[key] = read.operation
        seen |= read.found
    return known


def figures(adds: Adds, known: Mapping[Key, Operation], reads: Sequence[Read]) -> dict[str, Any]:
    """How many elements there were, and how long reads still lacked them, in milliseconds."""
    order = sorted(known, key=lambda key: end_of(known[key]))
    absent: dict[Key, int] = {}
    so_far: set[Key] = set()
    place = 0
    for read in reads:
        while place < len(order) and end_of(known[order[place]]) < read.operation.invoked:
            so_far.add(order[place])
            place += 1
        for key in so_far.difference(read.found):
            absent[key] = read.operation.invoked
    late = sorted(
        (absent[key] - end_of(known[key])) / 1000 if key in absent else 0.0 for key in order
    )
    return {
        "attempt-count": len(adds),
        "acknowledged-count": sum(any(map(succeeded, asked)) for asked in adds.values()),
        "stable-count": len(late),
        "stale-count": sum(each > 0 for each in late),
        "stable-latencies": {q: late[min(int(q * len(late)), len(late) - 1)] for q in QUANTILES}
        if late
        else {},
    }


def fail(sentence: str, *evidence: Operation) -> Finding:
    """A broken promise."""
    return Finding(Verdict.FAIL, sentence, tuple(sorted(evidence, key=lambda each: each.invoked)))
