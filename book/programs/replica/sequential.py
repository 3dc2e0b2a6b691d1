"""Whether some order explains a history if nobody has a clock: sequential consistency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograder.checkers import Model, Operation

Logs = list[list[Operation]]


def sequential(history: Iterable[Operation], model: Model) -> list[Operation] | None:
    """An order that the model allows, and in which each client's own operations keep theirs.

    None if there is none. It tries all of them, which is quick enough for a handful.
    """
    logs: dict[str, list[Operation]] = {}
    for operation in history:
        logs.setdefault(operation.client, []).append(operation)
    return merged(list(logs.values()), model, {})


def merged(logs: Logs, model: Model, states: Mapping[object, object]) -> list[Operation] | None:
    """The rest of such an order, from what is left of each client's log and the state of each object."""
    if not any(logs):
        return []
    for n, log in enumerate(logs):
        for first in log[:1]:
            name = first.args[0] if model.keyed else None
            outcome = model.apply(states.get(name, model.initial), first)
            if outcome is None or outcome[1] != model.response(first):
                continue
            left = [*logs[:n], log[1:], *logs[n + 1 :]]
            later = merged(left, model, {**states, name: outcome[0]})
            if later is not None:
                return [first, *later]
    return None
