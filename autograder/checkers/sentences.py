"""Evidence in words."""

from __future__ import annotations

from itertools import pairwise

from autograder.checkers.history import Operation, short
from autograder.checkers.model import Model

SHOWN = 6  # operations; of more, some are only counted


def sentence(evidence: tuple[Operation, ...], model: Model) -> str:
    """What contradicts the model, and each other, with the times at which it happened."""
    digits = digits_for(evidence)
    if len(evidence) == 1:
        return f"{told(evidence[0], model, digits)}, {model.alone(evidence[0])}"
    if model.claim is not None and (claim := model.claim(evidence)):
        return f"{claim}: {listed(evidence, model, digits)}"
    if len(evidence) == 2:
        first, second = evidence
        if first.returned is not None and first.returned <= second.invoked:
            gap = duration(second.invoked - first.returned)
            return f"{told(second, model, digits)}, {gap} after {model.tell(first)}"
        return f"{told(first, model, digits)}, and {told(second, model, digits)}: both cannot be"
    return f"a {model.name} allows no order of these: {listed(evidence, model, digits)}"


def listed(evidence: tuple[Operation, ...], model: Model, digits: int) -> str:
    """All operations, or the first and the last ones."""
    parts = [told(operation, model, digits) for operation in evidence[: SHOWN // 2]]
    if len(evidence) > SHOWN:
        parts.append(f"{len(evidence) - SHOWN} more")
    later = evidence[max(SHOWN // 2, len(evidence) - SHOWN // 2) :]
    parts += [told(operation, model, digits) for operation in later]
    return "; ".join(parts)


def told(operation: Operation, model: Model, digits: int) -> str:
    """What an operation did, and when."""
    begin = f"{operation.invoked / 1e6:.{digits}f}"
    if operation.returned is None:
        return f"{model.tell(operation)} from {begin} s on"
    return f"{model.tell(operation)} at {begin} to {operation.returned / 1e6:.{digits}f} s"


def digits_for(evidence: tuple[Operation, ...]) -> int:
    """How many digits of a second tell the operations' times apart: of milliseconds, or all."""
    times = sorted({t for one in evidence for t in (one.invoked, one.returned) if t is not None})
    return 3 if all(b // 1000 > a // 1000 for a, b in pairwise(times)) else 6


def duration(microseconds: int) -> str:
    """A length of time in words."""
    if microseconds < 1_000:
        return f"{microseconds} µs"
    if microseconds < 10_000_000:
        return f"{microseconds / 1_000:.0f} ms"
    return f"{microseconds / 1e6:.1f} s"


def reply(operation: Operation, done: str = "") -> str:
    """How an operation that changes something ended; `done` says it in other words if that was well."""
    if operation.returned is None:
        return "got no answer"
    if operation.error is not None:
        return f"ended with error {operation.error}"
    if done:
        return done
    result = "" if operation.result is None else f" with {short(operation.result)}"
    return f"was acknowledged{result}"
