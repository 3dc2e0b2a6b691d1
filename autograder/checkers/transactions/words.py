"""A cycle in words."""

from __future__ import annotations

from autograder.checkers.finding import Dependency
from autograder.checkers.history import Operation
from autograder.checkers.transactions.cycles import Cycle
from autograder.checkers.transactions.graph import Kind, Reason
from autograder.checkers.transactions.levels import ANOMALIES, Level
from autograder.checkers.transactions.transaction import Anomaly, Record, Transaction, gave
from autograder.checkers.transactions.versions import Version, in_words

SHOWN = 6  # steps of a cycle; of more, some are only counted
ORDERS = {
    "-process": ", if each client's transactions keep their order",
    "-realtime": ", if transactions keep the order of real time",
}


def anomaly(name: str, cycle: Cycle, made: Record, lists: bool) -> Anomaly:
    """A cycle as an anomaly."""
    bare, dash, order = name.rpartition("-")
    ordered = f"{dash}{order}" in ORDERS
    what = ANOMALIES[bare if ordered else name]
    whole = f"{what}{ORDERS[f'{dash}{order}']}" if ordered else what
    dependencies = tuple(
        Dependency(one.operation, str(one), kind.value, reason.key)
        for one, kind, reason in ((made.transactions[n], kind, why) for (n, _), kind, why in cycle)
    )
    steps = [
        step(made.transactions[one], made.transactions[other], kind, reason, lists)
        for (one, other), kind, reason in cycle
    ]
    if len(steps) > SHOWN:
        half = SHOWN // 2
        steps[half:-half] = [f"{len(steps) - SHOWN} more such steps"]
    return Anomaly(
        name, f"{name}, {whole}: {'; '.join(steps)}", evidence(cycle, made), dependencies
    )


def evidence(cycle: Cycle, made: Record) -> tuple[Operation, ...]:
    """The operations of a cycle, and those that show the order of its values, in order of time."""
    numbers = {number for edge, _, _ in cycle for number in edge}
    for _, _, reason in cycle:
        if reason.because is not None:
            numbers |= {each.number for each in reason.because.transactions}
    return tuple(each.operation for each in made.transactions if each.number in numbers)


def step(one: Transaction, other: Transaction, kind: Kind, reason: Reason, lists: bool) -> str:
    """One step of a cycle."""
    key, before, after, because = reason
    verb = "appended" if lists else "wrote"
    why = ""
    if because is not None and other not in because.transactions:
        why = f" ({in_words(Version(key, before), Version(key, after), because)})"
    match kind:
        case Kind.WW if lists:
            return f"{one} appended {before} to {key}, and {other} appended {after} behind it{why}"
        case Kind.WW:
            return f"{one} wrote {before} to {key}, which {other} overwrote with {after}{why}"
        case Kind.WR:
            return f"{one} {verb} {after} to {key}, which {other} read"
        case Kind.RW:
            saw = gave(before)
            if lists:
                return f"{one} read {key} with {saw} as the last, and {other} appended {after} behind it"
            return f"{one} read {saw} in {key}, which {other} overwrote with {after}{why}"
        case Kind.PROCESS:
            return f"{one} was asked for before {other}, by the same client"
        case Kind.REALTIME:
            return f"{one} had ended at {seconds(one)}, before {other} began"


def seconds(each: Transaction) -> str:
    """When a transaction ended."""
    return f"{(each.operation.returned or 0) / 1e6:.6f} s"


def forbidden(found: Anomaly, level: Level) -> str:
    """The sentence for an anomaly that a model forbids, with the anomaly's name."""
    if found.cycle:
        return f"not {level.name}: {found.sentence}"
    name = f"{found.name}, {ANOMALIES[found.name]}" if found.name in ("G1a", "G1b") else found.name
    return f"not {level.name}: {name}: {found.sentence}"
