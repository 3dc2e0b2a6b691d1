"""Linearizability by definition: every order of every choice of operations, for tiny histories.

It shares nothing with the checkers but the models' `apply`.
"""

from __future__ import annotations

from itertools import combinations, permutations

from autograder.checkers import Model, Operation
from autograder.checkers.model import Refused
from labs.node.errors import RPCError

Step = tuple[int, str]  # an operation by its place, and what is known of its effect


def is_linearizable(history: list[Operation], model: Model) -> bool:
    """Whether some order of what certainly happened, and of some of what perhaps did, fits the model."""
    certain, perhaps = steps(history, model)
    return any(
        fits(order, history, model)
        for size in range(len(perhaps) + 1)
        for some in combinations(perhaps, size)
        for order in permutations([*certain, *some])
    )


def steps(history: list[Operation], model: Model) -> tuple[list[Step], list[Step]]:
    """What certainly happened, and what perhaps did."""
    certain: list[Step] = []
    perhaps: list[Step] = []
    for i, operation in enumerate(history):
        if operation.returned is not None and operation.error is None:
            certain.append((i, "answered"))
        elif operation.returned is None or not is_definite(operation.error):
            perhaps.append((i, "open"))
            if operation.error == 1001 and model.doubts and operation.name == "put":
                certain.append((i, "refused somehow"))
        elif operation.error in model.refusals.get(operation.name, ()):
            certain.append((i, "refused"))
    return certain, perhaps


def is_definite(error: int | None) -> bool:
    known = RPCError.by_code.get(-1 if error is None else error)
    return known is not None and known.definite


def fits(order: tuple[Step, ...], history: list[Operation], model: Model) -> bool:
    """Whether nothing in this order precedes what was over before, and the model gives the responses."""
    for place, step in enumerate(order):
        if any(precedes(later, step, history) for later in order[place + 1 :]):
            return False
    state = model.initial
    for i, known in order:
        outcome = model.apply(state, history[i])
        if outcome is None:
            return False
        state, response = outcome
        if known == "answered" and response != model.response(history[i]):
            return False
        if known == "refused" and response != Refused(history[i].error or 0):
            return False
        if known == "refused somehow" and not isinstance(response, Refused):
            return False
    return True


def precedes(a: Step, b: Step, history: list[Operation]) -> bool:
    """Whether a was over before b began: earlier, or at the same time and known from its client."""
    end = history[a[0]].returned
    if end is None or a[1] == "open":
        return False
    if end < history[b[0]].invoked:
        return True
    return end == history[b[0]].invoked and any(
        other.client == history[a[0]].client and other.invoked == end
        for other in history[a[0] + 1 : b[0] + 1]
    )
