"""What a trial came to, in the fields that users of Maelstrom know, and some of our own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from autograder.checkers.history import Operation
from autograder.gossip.drive import Run
from autograder.gossip.trial import Trial
from autograder.verdict import Verdict

MEANINGFUL = 3  # times that each kind of fault must strike for a run to mean anything
Valid = bool | Literal["unknown"]
UNKNOWN: Literal["unknown"] = "unknown"
Said = tuple[Valid, str]  # and why, in a sentence
GOOD: Said = (True, "")


def exit_code(result: Mapping[str, Any]) -> int:
    """0 valid, 1 invalid, 2 unknown."""
    return {True: 0, False: 1}.get(result["valid"], 2)


def results(trial: Trial) -> dict[str, Any]:
    """All of it, as JSON knows it. What is wrong comes before what is not known."""
    operations = trial.run.operations if trial.run is not None else []
    stats, available = stats_of(operations), availability_of(trial, operations)
    finding, figures = trial.judgement
    workload = said_of(finding.verdict, finding.sentence)
    opinions = [
        said_of(trial.found.verdict, trial.found.seen),
        workload,
        available,
        answered(trial, operations),
        *unknowns(trial, operations, stats),
    ]
    valid, sentence = worst(opinions)
    return {
        "valid": valid,
        "sentence": sentence,
        "seed": trial.order.seed,
        "command": trial.order.command,
        "evidence": [plain(each) for each in trial.evidence],
        "workload": {"name": trial.order.workload, "valid": workload[0], **figures},
        "stats": stats,
        "availability": {"valid": available[0], "ok-fraction": ok_fraction(operations)},
        "net": {"valid": True, **trial.run.net()} if trial.run is not None else {},
        "faults": {name: begun(trial.run, name) for name in trial.order.faults},
    }


def worst(opinions: Iterable[Said]) -> Said:
    """The first that is wrong, or else the first that is unknown."""
    opinions = [*opinions]
    for wanted in (False, UNKNOWN):
        for valid, sentence in opinions:
            if valid is wanted:
                return valid, sentence
    return GOOD


def said_of(verdict: Verdict, sentence: str) -> Said:
    """A verdict as Maelstrom calls it."""
    if verdict is Verdict.PASS:
        return GOOD
    return (False if verdict is Verdict.FAIL else UNKNOWN), sentence


def stats_of(operations: Iterable[Operation]) -> dict[str, Any]:
    """How many operations there were of each name, and how they ended."""
    by_name: dict[str, Counter[str]] = {}
    for each in operations:
        by_name.setdefault(each.name, Counter())[ending(each)] += 1
    named = {name: counts(found) for name, found in sorted(by_name.items())}
    total = counts(sum(by_name.values(), Counter()))
    return {**total, "by-f": named}


def counts(found: Counter[str]) -> dict[str, Any]:
    """The numbers of one name; they are valid if one succeeded, and else say nothing."""
    numbers = {f"{how}-count": found[how] for how in ("ok", "fail", "info")}
    return {"valid": True if found["ok"] else UNKNOWN, "count": found.total(), **numbers}


def ending(operation: Operation) -> str:
    """How an operation ended: `info` is without a response, so it may have happened."""
    if operation.returned is None:
        return "info"
    return "ok" if operation.error is None else "fail"


def ok_fraction(operations: list[Operation]) -> float | None:
    """The part of the operations that succeeded."""
    good = sum(ending(each) == "ok" for each in operations)
    return good / len(operations) if operations else None


def availability_of(trial: Trial, operations: list[Operation]) -> Said:
    """Whether enough operations succeeded, if that was asked for."""
    wanted, part = trial.order.availability, ok_fraction(operations)
    if wanted is None or part is None or part >= wanted:
        return GOOD
    bad = next(each for each in operations if ending(each) != "ok")
    how = "got no answer" if bad.returned is None else f"got error {bad.error}"
    return False, (
        f"{part:.4%} of the operations succeeded, and {wanted:.4%} were asked for: the first that did not "
        f"is {bad} of {bad.client} at {bad.node}, at {bad.invoked / 1e6:.3f} s: it {how}"
    )


def answered(trial: Trial, operations: list[Operation]) -> Said:
    """Whether nodes that nothing happened to answered at all."""
    if not operations or ok_fraction(operations) or trial.interrupted:
        return GOOD
    if trial.order.faults:
        return UNKNOWN, "no operation succeeded, so nothing can be said"
    return False, f"none of {len(operations)} operations succeeded, though no fault struck"


def unknowns(trial: Trial, operations: list[Operation], stats: Mapping[str, Any]) -> Iterable[Said]:
    """Why a run means little, even if nothing wrong was seen."""
    if trial.interrupted:
        yield UNKNOWN, "the run was interrupted before its end"
    if not operations:
        yield UNKNOWN, "no operation was done: a longer --time-limit or a higher --rate has some"
    for name in trial.order.faults:
        times = begun(trial.run, name)
        if times < MEANINGFUL:
            yield UNKNOWN, few(name, times)
    for name, of_name in stats["by-f"].items():
        if of_name["valid"] is UNKNOWN:
            yield UNKNOWN, f"none of {of_name['count']} operations {name!r} succeeded"


def few(name: str, times: int) -> str:
    """The sentence for too few faults."""
    often = {0: "never", 1: "once", 2: "twice"}[times]
    return (
        f"nothing wrong was seen, but {name} struck {often}, which says little: {MEANINGFUL} times are the "
        "least; a shorter --nemesis-interval or a longer --time-limit gives them"
    )


def begun(run: Run | None, name: str) -> int:
    """How often a kind of fault struck."""
    return run.begun.get(name, 0) if run is not None else 0


def plain(operation: Operation) -> dict[str, Any]:
    """An operation as JSON knows it; times in seconds."""
    returned = None if operation.returned is None else operation.returned / 1e6
    return {
        "process": operation.client,
        "node": operation.node,
        "f": operation.name,
        "args": list(operation.args),
        "type": ending(operation),
        "result": operation.result,
        "error": operation.error,
        "invoked": operation.invoked / 1e6,
        "returned": returned,
    }
