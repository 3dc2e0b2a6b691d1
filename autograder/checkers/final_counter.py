"""Counters that nodes share: in the end every node has counted every addition, and each once.

An addition that got no answer may have happened or not. So a last read is right if it is the sum of all
that were acknowledged and of some of those without an answer. While additions go on a read may be old, but
none may show more than has been asked for by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.checkers.calls import is_open
from autograder.checkers.finding import Finding, Judgement
from autograder.checkers.history import History, Operation
from autograder.verdict import Verdict

SHOWN = 5  # operations of a kind that are evidence


class Sums:
    """The sums of all subsets of some numbers, as the bits of one integer."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.least = self.most = 0
        self._bits = 1  # bit i: the sum `least + i` can be reached
        for number in numbers:
            self.least += min(number, 0)
            self.most += max(number, 0)
            # Without a negative number, all others keep their sums: those are now further above the least.
            self._bits |= self._bits << abs(number)

    def __contains__(self, value: int) -> bool:
        return self.least <= value <= self.most and bool(self._bits >> (value - self.least) & 1)


def judge_counter(history: History, quiet: int) -> Judgement:
    """Whether reads of a counter were what they may be; those invoked after `quiet` must be exact."""
    adds = [each for each in history if each.name == "add"]
    reads = [each for each in history if each.name == "read"]
    done = [each for each in adds if each.returned is not None and each.error is None]
    unsure = [each for each in adds if is_open(each)]
    last = [each for each in reads if each.invoked >= quiet]
    answered = [each for each in reads if each.returned is not None and each.error is None]
    wrong = (
        unanswered(last)
        or beyond(adds, [each for each in answered if each.invoked < quiet])
        or inexact(done, unsure, last)
    )
    return Judgement(wrong or Finding(Verdict.PASS), figures(done, unsure, last))


def unanswered(last: Iterable[Operation]) -> Finding | None:
    """A last read without an answer."""
    for read in last:
        if read.returned is None or read.error is not None:
            why = f"answered with error {read.error}" if read.error else "did not answer"
            return fail(f"{read.node} {why} the last read, on a whole and quiet network", read)
    return None


def beyond(adds: Sequence[Operation], reads: Iterable[Operation]) -> Finding | None:
    """A read that shows more, or less, than the additions that were asked for before its end can make."""
    for read in reads:
        asked = [each for each in adds if each.invoked <= (read.returned or 0) and happened(each)]
        highest = sum(max(delta(each), 0) for each in asked)
        lowest = sum(min(delta(each), 0) for each in asked)
        if not lowest <= read.result <= highest:
            side = f"at most {highest}" if read.result > highest else f"at least {lowest}"
            return fail(
                f"{read.node} read {read.result} at {at(read)}: all {len(asked)} additions that had been "
                f"asked for come to {side}",
                *asked[-SHOWN:],
                read,
            )
    return None


def happened(add: Operation) -> bool:
    """Whether an addition may have happened."""
    return add.error is None or is_open(add)


def inexact(
    done: Sequence[Operation], unsure: Sequence[Operation], last: Sequence[Operation]
) -> Finding | None:
    """A last read that is no possible sum."""
    total, sums = sum(map(delta, done)), Sums(map(delta, unsure))
    wrong = [read for read in last if read.result - total not in sums]
    if not wrong:
        return None
    read = wrong[0]
    right = [each for each in last if each not in wrong]
    difference = read.result - total
    others = f"; {right[0].node} read {right[0].result}" if right else ""
    return fail(
        f"{read.node} read {read.result} at the end, {abs(difference)} too "
        f"{'much' if difference > 0 else 'little'}: the {len(done)} acknowledged additions make {total}"
        f"{perhaps(unsure)}{others}",
        *suspects(done, read, difference),
        *unsure[-SHOWN:],
        *right[:1],
        read,
    )


def perhaps(unsure: Sequence[Operation]) -> str:
    """The additions without an answer, in words."""
    if not unsure:
        return ""
    shown = ", ".join(str(delta(each)) for each in unsure[:SHOWN])
    more = f" and {len(unsure) - SHOWN} more" if unsure[SHOWN:] else ""
    return f", and perhaps some of {shown}{more}, which got no answer"


def suspects(done: Sequence[Operation], read: Operation, difference: int) -> list[Operation]:
    """Acknowledged additions that may be what is wrong: those of the missing size, or other nodes' last."""
    alike = [each for each in done if delta(each) == abs(difference) and each.node != read.node]
    return (alike or [each for each in done if each.node != read.node] or list(done))[-SHOWN:]


def figures(
    done: Sequence[Operation], unsure: Sequence[Operation], last: Sequence[Operation]
) -> dict[str, object]:
    """What the last reads gave, and between which sums they had to be."""
    total, sums = sum(map(delta, done)), Sums(map(delta, unsure))
    return {
        "final-reads": [each.result for each in last],
        "acceptable": [[total + sums.least, total + sums.most]],
    }


def delta(add: Operation) -> int:
    """What an addition adds."""
    value: int = add.args[0]
    return value


def at(operation: Operation) -> str:
    """When an operation was answered."""
    return f"{(operation.returned or 0) / 1e6:.3f} s"


def fail(sentence: str, *evidence: Operation) -> Finding:
    """A broken promise."""
    return Finding(Verdict.FAIL, sentence, tuple(sorted(evidence, key=lambda each: each.invoked)))
