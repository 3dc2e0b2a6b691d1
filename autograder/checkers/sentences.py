"""Evidence in words."""

from __future__ import annotations

from autograder.checkers.history import Operation, short
from autograder.checkers.model import Model


def sentence(evidence: tuple[Operation, ...], model: Model) -> str:
    """What contradicts the model, and each other."""
    told = "; ".join(map(tell, evidence))
    return f"no order of these is possible for a {model.name}: {told}"


def tell(operation: Operation) -> str:
    """One operation, its response and its times."""
    who = f"client {operation.client}'s {operation}"
    begin = f"{operation.invoked / 1e6:.3f}"
    if operation.returned is None:
        return f"{who} from {begin} s on got no response"
    seen = short(operation.result) if operation.error is None else f"error {operation.error}"
    return f"{who} gave {seen} at {begin} to {operation.returned / 1e6:.3f} s"
