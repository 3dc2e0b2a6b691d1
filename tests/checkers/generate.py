"""Random small histories of every model, right and wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec

from autograder.checkers import (
    CasRegister,
    Counter,
    KeyValue,
    Lock,
    Log,
    Model,
    Operation,
    Register,
    Set,
    VersionedStore,
)
from autograder.checkers.model import Refused

Request = tuple[str, tuple[Any, ...]]
replace = msgspec.structs.replace


@dataclass
class Draw:
    """What the next request is drawn from: chance, the true state, who asks, and a number of its own."""

    random: Random
    state: Any
    client: str
    number: int
    unique: bool  # whether no value is written twice

    @property
    def chance(self) -> float:
        return self.random.random()

    def one_of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    @property
    def value(self) -> str:
        """A value to write."""
        return f"{self.number}." if self.unique else self.one_of("a", "b")


def versioned_store(draw: Draw) -> Request:
    stored = draw.state[1]
    if draw.chance < 0.4:
        return "get", ("x",)
    version = draw.one_of(stored, stored, stored, stored - 1, stored + 1, 0)
    return "put", ("x", draw.value, max(0, version))


def key_value(draw: Draw) -> Request:
    if draw.chance < 0.3:
        return "get", ("x",)
    return str(draw.one_of("append", "append", "append", "put")), ("x", draw.value)


def appends(draw: Draw) -> Request:
    return ("get", ("x",)) if draw.chance < 0.5 else ("append", ("x", draw.value))


def register(draw: Draw) -> Request:
    return ("read", ()) if draw.chance < 0.5 else ("write", (draw.value,))


def cas_register(draw: Draw) -> Request:
    if draw.chance < 0.5 or draw.state is None:
        return register(draw)
    return "cas", (draw.one_of(*[draw.state] * 9, draw.value), draw.value)


def lock(draw: Draw) -> Request:
    holds = draw.state == draw.client
    if draw.chance < 0.05:
        holds = not holds
    return "release" if holds else "acquire", ("l",)


def counter(draw: Draw) -> Request:
    return (
        ("read", ()) if draw.chance < 0.5 else ("add", (2 if draw.unique else draw.one_of(1, 2),))
    )


def a_set(draw: Draw) -> Request:
    return ("read", ()) if draw.chance < 0.5 else ("add", (draw.value,))


def log(draw: Draw) -> Request:
    return ("read", ()) if draw.chance < 0.5 else ("append", (draw.value,))


REQUESTS: Mapping[str, tuple[Model, Callable[[Draw], Request]]] = {
    "versioned store": (VersionedStore, versioned_store),
    "key/value store": (KeyValue, key_value),
    "appends": (KeyValue, appends),
    "register": (Register, register),
    "compare-and-set register": (CasRegister, cas_register),
    "lock": (Lock, lock),
    "counter": (Counter, counter),
    "set": (Set, a_set),
    "log": (Log, log),
}


@dataclass(frozen=True)
class Shape:
    """How large histories are, and how often a response is missing; at most, each drawn anew."""

    operations: int = 9
    clients: int = 4
    unanswered: float = 0.3


def history(random: Random, name: str, shape: Shape) -> tuple[Model, list[Operation]]:
    """A history of a model, linearizable at first and then, half of the time, spoilt."""
    model, request = REQUESTS[name]
    made = linearizable(random, model, request, shape)
    for _ in range(random.choice((0, 1, 2, 3))):
        made = spoil(random, made) if made else made
    return model, sorted(made, key=lambda operation: operation.invoked)


def linearizable(
    random: Random, model: Model, request: Callable[[Draw], Request], shape: Shape
) -> list[Operation]:
    """Operations that take effect at a moment between invocation and response."""
    unanswered = random.choice((0.0, 0.0, shape.unanswered))
    unique, told = random.random() < 0.8, random.random()
    state = model.initial
    made: dict[int, Operation] = {}
    for point, number, client, invoked, returned in moments(random, shape):
        name, args = request(Draw(random, state, client, number, unique))
        operation = Operation(client, name, args, invoked, returned)
        outcome = model.apply(state, operation) if point <= returned else None
        if outcome is None:  # it waits for ever, or was lost
            made[number] = replace(operation, returned=None)
            continue
        state, response = outcome
        if name == "append" and isinstance(response, int) and told < random.choice((0.2, 0.3)):
            response = None
        made[number] = answer(random, operation, response, unanswered)
    return [made[number] for number in sorted(made)]


def moments(random: Random, shape: Shape) -> list[tuple[int, int, str, int, int]]:
    """Effect, number, client, invocation and response of some operations, in order of effect."""
    clients = random.randint(1, shape.clients)
    total = random.randint(1, shape.operations)
    hurry = random.choice((2, 6))
    now = dict.fromkeys((f"c{n}" for n in range(clients)), 0)
    drawn = []
    for number in range(total):
        client = random.choice(list(now))
        invoked = now[client] + random.choice((0, 0, 1, random.randint(0, 3)))
        returned = invoked + random.randint(0, hurry)
        lost = random.random() < 0.03
        point = returned + 1 if lost else random.randint(invoked, returned)
        drawn.append((point, number, client, invoked, returned))
        now[client] = returned
    return sorted(drawn)


def answer(random: Random, operation: Operation, response: Any, unanswered: float) -> Operation:
    """The operation with its response, or with one that says less."""
    chance = random.random()
    if chance < unanswered / 2:
        return replace(operation, returned=None)
    if chance < unanswered:
        return replace(operation, error=random.choice((0, 13, 1001)))
    if isinstance(response, Refused):
        return replace(operation, error=response.code)
    if isinstance(response, frozenset):
        response = random.sample(sorted(response), len(response))
    return replace(operation, result=list(response) if isinstance(response, tuple) else response)


# --- mistakes -------------------------------------------------------------------------------------


def spoil(random: Random, made: list[Operation]) -> list[Operation]:
    """The history with a mistake in it that it can, perhaps, bear."""
    mistake = random.choice((swap, swap, move, move, forget, refuse, doubt, confuse, repeat))
    return mistake(random, list(made))


def swap(random: Random, made: list[Operation]) -> list[Operation]:
    """Two operations of a kind get each other's response."""
    i, j = random.choices(range(len(made)), k=2)
    a, b = made[i], made[j]
    if a.name == b.name and None not in (a.returned, b.returned):
        made[i] = replace(a, result=b.result, error=b.error)
        made[j] = replace(b, result=a.result, error=a.error)
    return made


def move(random: Random, made: list[Operation]) -> list[Operation]:
    """One operation happens at another time, within what its client leaves free."""
    i = random.randrange(len(made))
    it = made[i]
    if it.returned is None:
        invoked = max(0, it.invoked + random.randint(-4, 4))
        made[i] = replace(it, client=f"e{random.randrange(10**6)}", invoked=invoked)
        return made
    before = [o.returned or o.invoked for o in made[:i] if o.client == it.client]
    after = [o.invoked for o in made[i + 1 :] if o.client == it.client]
    begin, end = max(before, default=0), min(after, default=it.returned + 6)
    if begin <= end:
        invoked = random.randint(begin, end)
        made[i] = replace(it, invoked=invoked, returned=random.randint(invoked, end))
    return made


def forget(random: Random, made: list[Operation]) -> list[Operation]:
    """One operation is missing."""
    made.pop(random.randrange(len(made)))
    return made


def refuse(random: Random, made: list[Operation]) -> list[Operation]:
    """One operation gets an error."""
    i = random.randrange(len(made))
    if made[i].returned is not None:
        made[i] = replace(made[i], result=None, error=random.choice((20, 22, 11, 0, 1001)))
    return made


def doubt(random: Random, made: list[Operation]) -> list[Operation]:
    """One operation that got no answer, and perhaps was lost, ends with Maybe."""
    i = random.randrange(len(made))
    it = made[i]
    if it.returned is None:
        after = [o.invoked for o in made[i + 1 :] if o.client == it.client]
        end = min(after, default=it.invoked + 6)
        made[i] = replace(it, returned=random.randint(it.invoked, end), error=1001)
    return made


def confuse(random: Random, made: list[Operation]) -> list[Operation]:
    """One response is another operation's, or of another form."""
    i, j = random.choices(range(len(made)), k=2)
    if made[i].returned is not None and made[i].result is not None:
        result = made[j].result
        if isinstance(made[i].result, int):
            result = made[i].result + random.choice((-1, 1, 2))
        made[i] = replace(made[i], result=result)
    return made


def repeat(random: Random, made: list[Operation]) -> list[Operation]:
    """One operation was executed a second time, for another client."""
    it = random.choice(made)
    made.append(replace(it, client=f"d{random.randrange(10**6)}"))
    return made
