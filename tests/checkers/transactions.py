"""Histories of transactions: by hand in a line each, random serial ones, and random interleavings."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec

from autograder.checkers import Operation

Micros = Sequence[Sequence[Any]]


def txn(
    client: str, *micros: Any, at: tuple[float, float | None], error: int | None = None
) -> Operation:
    """One transaction, from its operations as they were answered; times are in milliseconds.

    One that ends with an error, or without an answer (`at=(1, None)`), was asked without what reads gave.
    """
    begin, end = at
    asked = tuple(("r", m[1], None) if m[0] == "r" else tuple(m) for m in micros)
    returned = None if end is None else round(end * 1000)
    result = None if error is not None or end is None else [list(m) for m in micros]
    return Operation(client, "txn", asked, round(begin * 1000), returned, result, error, "n1")


class Asker:
    """Draws transactions: unique values, and a new key for one that was written often enough."""

    def __init__(
        self, random: Random, appends: bool, keys: int, length: int, writes: int = 16
    ) -> None:
        self._random = random
        self._verb = "append" if appends else "w"
        self._keys = list(range(keys))
        self._next_key = keys
        self._left = dict.fromkeys(self._keys, writes)
        self._writes = writes
        self._length = length
        self._value = 0

    def next(self) -> list[list[Any]]:
        return [self._micro() for _ in range(self._random.randint(1, self._length))]

    def _micro(self) -> list[Any]:
        place = self._random.randrange(len(self._keys))
        key = self._keys[place]
        if self._random.random() < 0.5:
            return ["r", key, None]
        self._value += 1
        self._left[key] -= 1
        if not self._left[key]:
            self._keys[place] = self._next_key
            self._left[self._next_key] = self._writes
            self._next_key += 1
        return [self._verb, key, self._value]


def execute(state: dict[Any, Any], micros: Micros) -> list[list[Any]]:
    """Do a transaction on a state, and give its reply."""
    done = []
    for verb, key, value in micros:
        if verb == "r":
            now = state.get(key)
            value = list(now) if isinstance(now, list) else now
        elif verb == "append":
            state.setdefault(key, []).append(value)
        else:
            state[key] = value
        done.append([verb, key, value])
    return done


def serial(
    random: Random, number: int, clients: int, appends: bool, keys: int = 10, doubt: float = 0.05
) -> list[Operation]:
    """Transactions of overlapping clients that happened one after the other; some are open or aborted."""
    asker, state = Asker(random, appends, keys, 4), dict[Any, Any]()
    free = {f"c{n}": 0 for n in range(clients)}
    made: list[Operation] = []
    renamed = clients
    moment = 0
    while len(made) < number:
        client = min(free, key=lambda name: (free[name], name))
        invoked = free.pop(client) + random.randint(0, 20)
        moment = max(moment, invoked) + random.randint(0, 20)
        returned = moment + random.randint(0, 200)
        asked = asker.next()
        args = tuple(map(tuple, asked))
        chance = random.random()
        if chance < doubt / 2:
            made.append(Operation(client, "txn", args, invoked, returned, error=30))
        elif chance < doubt:
            if random.random() < 0.5:
                execute(state, asked)
            made.append(Operation(client, "txn", args, invoked))
            renamed += 1
            client = f"c{renamed}"
        else:
            made.append(Operation(client, "txn", args, invoked, returned, execute(state, asked)))
        free[client] = returned
    return sorted(made, key=lambda each: each.invoked)


def interleaved(random: Random, appends: bool, number: int = 4) -> list[Operation]:
    """A few transactions on one state, done as wholes, mixed, or on snapshots; now and then spoilt."""
    way = random.choice(("whole", "mixed", "snapshot"))
    asker = Asker(random, appends, 2, 3)
    plans, events = [], []
    free = {f"c{n}": 0 for n in range(random.randint(1, 4))}
    for place in range(number):
        client = random.choice(list(free))
        invoked = free[client] + random.randint(0, 3) * 1000
        returned = invoked + random.randint(1, 6) * 1000
        free[client] = returned + 1
        micros = asker.next()
        plans.append((client, invoked, returned, micros))
        moments = sorted(random.uniform(invoked, returned) for _ in micros)
        events += [(moments[0 if way == "whole" else n], place, n) for n in range(len(micros))]
    done = run(sorted(events), [plan[3] for plan in plans], way == "snapshot")
    if random.random() < 0.3:
        spoil(random, done, appends)
    made = [answer(random, plan, reply) for plan, reply in zip(plans, done, strict=True)]
    return sorted(made, key=lambda each: each.invoked)


def run(
    events: Sequence[tuple[float, int, int]], asked: Sequence[Micros], snapshots: bool
) -> list[list[list[Any]]]:
    """Do operations in the order of events; on snapshots, writes are there for others at the end."""
    state: dict[Any, Any] = {}
    done: list[list[list[Any]]] = [[] for _ in asked]
    own: dict[int, dict[Any, Any]] = {}
    for _, place, number in events:
        micros = asked[place]
        if not snapshots:
            done[place] += execute(state, [micros[number]])
            continue
        if number == 0:
            own[place] = {k: list(v) if isinstance(v, list) else v for k, v in state.items()}
        done[place] += execute(own[place], [micros[number]])
        if number == len(micros) - 1:
            execute(state, [micro for micro in micros if micro[0] != "r"])
    return done


def spoil(random: Random, done: list[list[list[Any]]], appends: bool) -> None:
    """Let one read show something else."""
    reads = [micro for reply in done for micro in reply if micro[0] == "r"]
    if not reads:
        return
    read = random.choice(reads)
    written = [m[2] for reply in done for m in reply if m[0] != "r" and m[1] == read[1]]
    read[2] = (
        written[: random.randint(0, len(written))] if appends else random.choice([None, *written])
    )


def answer(random: Random, plan: tuple[str, int, int, Micros], reply: Micros) -> Operation:
    """A transaction as its client saw it: answered, refused, or open."""
    client, invoked, returned, asked = plan
    args, chance = tuple(map(tuple, asked)), random.random()
    if chance < 0.1:
        return Operation(f"{client}, open at {invoked}", "txn", args, invoked)
    if chance < 0.15:
        return Operation(client, "txn", args, invoked, returned, error=30)
    return Operation(client, "txn", args, invoked, returned, list(reply))


def with_stale_reads(
    random: Random, history: Sequence[Operation], part: float = 0.01
) -> list[Operation]:
    """The same history, in which some transactions that only read have seen nothing yet."""
    made = list(history)
    readers = [
        n for n, each in enumerate(made) if each.result and all(m[0] == "r" for m in each.result)
    ]
    for n in random.sample(readers, max(1, int(part * len(readers)))):
        nothing = [[verb, key, None] for verb, key, _ in made[n].result]
        made[n] = msgspec.structs.replace(made[n], result=nothing)
    return made
