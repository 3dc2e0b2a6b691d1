"""Large histories of many clients on one key: right ones, and ones with a single stale response.

Each operation takes effect at a moment between its invocation and its response, drawn with a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random
from typing import Any

import msgspec

from autograder.checkers import Operation

# Of chance and a client: what the client asks, and the result.
Step = Callable[[Random, str], tuple[str, tuple[Any, ...], Any, int | None]]


def run(number: int, clients: int, step: Step, seed: int = 1) -> list[Operation]:
    """So many operations, in order of invocation; each takes 100 to 1,000 microseconds."""
    random = Random(seed)
    pending: list[tuple[int, str, int, int]] = []
    made: list[Operation] = []

    def ask(client: str, after: int) -> None:
        begin, end = after + random.randint(0, 3), after + random.randint(100, 1_000)
        heappush(pending, (random.randint(begin, end), client, begin, end))

    for nth in range(clients):
        ask(f"c{nth}", 0)
    while len(made) < number:
        _, client, begin, end = heappop(pending)
        name, args, result, error = step(random, client)
        made.append(Operation(client, name, args, begin, end, result, error))
        ask(client, end)
    return sorted(made, key=lambda operation: operation.invoked)


def stale(made: list[Operation], read: str) -> list[Operation]:
    """The same, but one late read gives what was true long before."""
    reads = [i for i, operation in enumerate(made) if operation.name == read]
    late, early = reads[len(reads) * 9 // 10], reads[len(reads) // 2]
    spoilt = msgspec.structs.replace(made[late], result=made[early].result, error=made[early].error)
    return [*made[:late], spoilt, *made[late + 1 :]]


def versions(number: int, clients: int, right: bool = True) -> list[Operation]:
    """A versioned store: half gets, and puts of the version that the client saw last."""
    stored: list[Any] = [None, 0]
    seen: dict[str, int] = {}

    def step(random: Random, client: str) -> tuple[str, tuple[Any, ...], Any, int | None]:
        value, version = stored
        if random.random() < 0.5:
            seen[client] = version
            return "get", ("x",), (value, version) if version else None, None if version else 20
        guess = version if random.random() < 0.5 else seen.get(client, 0)
        if guess != version:
            return "put", ("x", "?", guess), None, 22 if version else 20
        stored[:] = [f"{client} {version}", version + 1]
        return "put", ("x", stored[0], guess), None, None

    made = run(number, clients, step)
    return made if right else stale(made, "get")


def appends(number: int, clients: int, right: bool = True) -> list[Operation]:
    """A key/value store: gets, appends of unique values, and now and then a put."""
    stored = [""]
    count = 0

    def step(random: Random, client: str) -> tuple[str, tuple[Any, ...], Any, int | None]:
        nonlocal count
        count += 1
        chance, old = random.random(), stored[0]
        if chance < 0.4:
            return "get", ("x",), old, None
        if chance < 0.42:
            stored[0] = f"{count} "
            return "put", ("x", stored[0]), None, None
        stored[0] += f"{count} "
        return "append", ("x", f"{count} "), old, None

    made = run(number, clients, step)
    return made if right else stale(made, "get")


def increments(number: int, clients: int, right: bool = True) -> list[Operation]:
    """A counter: half reads, half increments."""
    total = 0

    def step(random: Random, client: str) -> tuple[str, tuple[Any, ...], Any, int | None]:
        nonlocal total
        if random.random() < 0.5:
            return "read", (), total, None
        total += 1
        return "add", (1,), None, None

    made = run(number, clients, step)
    return made if right else stale(made, "read")


def values(number: int, clients: int, keys: int) -> list[Operation]:
    """A key/value store with many keys and few values, so that a search has to decide."""
    stored: dict[str, str] = {}

    def step(random: Random, client: str) -> tuple[str, tuple[Any, ...], Any, int | None]:
        key = f"k{random.randrange(keys)}"
        if random.random() < 0.5:
            return "get", (key,), stored.get(key, ""), None
        stored[key] = random.choice("abcdefgh")
        return "put", (key, stored[key]), None, None

    return run(number, clients, step)


def tenures(number: int, clients: int, right: bool = True) -> list[Operation]:
    """A lock that clients wait for, each in turn; if it is wrong, one did not wait for its turn."""
    random = Random(1)
    made: list[Operation] = []
    free = dict.fromkeys((f"c{n}" for n in range(clients)), 0)  # since when each has had no wish
    now = 0
    while len(made) < number:
        client = min(free, key=lambda name: (free[name], name))
        asked = free[client] + random.randint(0, 50)
        taken = max(now, asked) + random.randint(1, 20)
        told = taken + random.randint(0, 10)
        left = told + random.randint(1, 100)
        now = left + random.randint(1, 20)
        free[client] = now + random.randint(1, 10)
        made.append(Operation(client, "acquire", ("l",), asked, told))
        made.append(Operation(client, "release", ("l",), left, free[client]))
    if not right:
        at = len(made) * 9 // 20 * 2
        before = made[at - 1].invoked
        early = msgspec.structs.replace(made[at], returned=max(made[at].invoked, before - 1))
        made[at] = early
    return sorted(made, key=lambda operation: operation.invoked)
