"""Histories of logs by chance, right ones and spoilt ones, and what a right one is, pair by pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise
from random import Random
from typing import Any, NamedTuple

import msgspec

from autograder.checkers import Operation
from autograder.checkers.history import History

KEYS = ("x", "y")
QUIET = 10_000_000
REFUSED = 11


def history(operations: Iterable[Operation]) -> History:
    """A history of these operations."""
    made = History()
    for each in sorted(operations, key=lambda each: each.invoked):
        number = made.begin(each.client, each.name, each.args, each.invoked, each.node)
        if each.returned is not None:
            made.end(number, each.returned, each.result, each.error)
    return made


# ---- the definition ------------------------------------------------------------------------------


class Seen(NamedTuple):
    """A message under an offset of a key, as an operation tells it."""

    key: str
    offset: int
    message: int
    by: Operation


def is_right(operations: list[Operation], quiet: int = QUIET) -> bool:
    """Whether a history keeps all promises."""
    done = [each for each in operations if each.returned is not None and each.error is None]
    seen = [*sightings(done)]
    return (
        all(each in done or not is_last(each, quiet) for each in operations)
        and all(sent_before(each, operations) for each in seen)
        and all(
            ((a.key, a.offset) != (b.key, b.offset) and a.message != b.message) or a[:3] == b[:3]
            for a, b in combinations(seen, 2)
        )
        and all(in_order(each, seen) for each in done if each.name in ("poll", "drain"))
        and all(forward(a, b) for a in done for b in done)
        and all(complete(each, seen) for each in done if is_last(each, quiet))
        and all(not_ignored(a, b) for a in done for b in done)
        and all(not_made_up(each, operations) for each in done)
    )


def is_last(each: Operation, quiet: int) -> bool:
    return each.invoked >= quiet and each.name in ("drain", "list_committed_offsets")


def sightings(done: list[Operation]) -> Iterator[Seen]:
    for each in done:
        if each.name == "send":
            yield Seen(each.args[0], each.result, each.args[1], each)
        if each.name in ("poll", "drain"):
            for key, entries in each.result.items():
                yield from (Seen(key, offset, message, each) for offset, message in entries)


def sent_before(seen: Seen, operations: list[Operation]) -> bool:
    return any(
        each.args == (seen.key, seen.message)
        and each.error is None
        and each.invoked <= (seen.by.returned or 0)
        for each in operations
        if each.name == "send"
    )


def starts(poll: Operation) -> dict[str, int]:
    return dict(poll.args[0]) if poll.name == "poll" else dict.fromkeys(poll.args[0], 0)


def in_order(poll: Operation, seen: list[Seen]) -> bool:
    asked = starts(poll)
    for key, entries in poll.result.items():
        offsets = [offset for offset, _ in entries]
        if not offsets:
            continue
        if key not in asked or offsets[0] < asked[key] or any(a >= b for a, b in pairwise(offsets)):
            return False
        between = [s for s in seen if s.key == key and asked[key] <= s.offset <= offsets[-1]]
        if any(each.offset not in offsets for each in between):
            return False
    return True


def forward(a: Operation, b: Operation) -> bool:
    if a.name != "send" or b.name != "send" or a.client != b.client or a.args[0] != b.args[0]:
        return True
    return a.invoked >= b.invoked or a.result < b.result


def complete(last: Operation, seen: list[Seen]) -> bool:
    if last.name != "drain":
        return True
    given = {(k, offset) for k, entries in last.result.items() for offset, _ in entries}
    return all((s.key, s.offset) in given for s in seen if s.key in last.args[0])


def told(each: Operation) -> dict[str, int]:
    if each.name == "commit_offsets":
        return dict(each.args[0])
    return dict(each.result) if each.name in ("assign", "list_committed_offsets") else {}


def not_ignored(a: Operation, b: Operation) -> bool:
    if b.name not in ("assign", "list_committed_offsets") or (a.returned or 0) >= b.invoked:
        return True
    return all(b.result.get(k, -1) >= offset for k, offset in told(a).items() if k in b.args[0])


def not_made_up(each: Operation, operations: list[Operation]) -> bool:
    if each.name not in ("assign", "list_committed_offsets"):
        return True
    commits = [c for c in operations if c.name == "commit_offsets"]
    return all(
        any(c.args[0].get(k, -1) >= given and c.invoked <= (each.returned or 0) for c in commits)
        for k, given in each.result.items()
    )


# ---- chance --------------------------------------------------------------------------------------


class Moment(NamedTuple):
    """When an operation happens, and who asks for it from when to when."""

    happens: int
    begin: int
    end: int
    client: str


def moments(random: Random, clients: int, each: int) -> list[Moment]:
    """Moments of operations, in order; a client does one at a time."""
    found = []
    for number in range(clients):
        now = 0
        for _ in range(each):
            begin = now + random.randint(1, 9)
            happens = begin + random.randint(0, 20)
            now = happens + random.randint(0, 20)
            found.append(Moment(happens, begin, now, f"c{number}"))
    return sorted(found)


class Logs:
    """Right logs with gaps between offsets, of which polls give as much as they like."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.logs: dict[str, list[tuple[int, int]]] = {key: [] for key in KEYS}
        self.committed: dict[str, int] = {}
        self.ahead: dict[str, dict[str, int]] = {}  # of clients
        self.sent = 0

    def operation(self, moment: Moment) -> Operation:
        """What a client asks, and what it is told."""
        happens = self.random.random() < 0.9
        name, args, result = self.ask(moment.client, happens)
        made = Operation(moment.client, name, args, moment.begin, moment.end, result, node="n1")
        if happens and self.random.random() < 0.9:
            return made
        if happens or self.random.random() < 0.5:
            return msgspec.structs.replace(made, returned=None, result=None)
        return msgspec.structs.replace(made, error=REFUSED, result=None)

    def ask(self, client: str, happens: bool) -> tuple[str, tuple[Any, ...], Any]:
        key, ahead = self.random.choice(KEYS), self.ahead.setdefault(client, dict.fromkeys(KEYS, 0))
        kind = self.random.random()
        if kind < 0.5:
            self.sent += 1
            offset = (self.logs[key][-1][0] if self.logs[key] else -1) + self.random.randint(1, 2)
            if happens:
                self.logs[key].append((offset, self.sent))
            return "send", (key, self.sent), offset
        if kind < 0.75:
            asked = dict(ahead)
            return "poll", (asked,), {k: self.poll(k, ahead) for k in KEYS}
        if kind < 0.9:
            commit = {key: max(ahead[key] - 1, 0)}
            if happens:
                self.committed[key] = max(self.committed.get(key, 0), commit[key])
            return "commit_offsets", (commit,), None
        name = self.random.choice(("assign", "list_committed_offsets"))
        return name, (KEYS,), dict(self.committed)

    def poll(self, key: str, ahead: dict[str, int]) -> list[tuple[int, int]]:
        new = [entry for entry in self.logs[key] if entry[0] >= ahead[key]]
        given = new[: self.random.randint(0, len(new))]
        ahead[key] = given[-1][0] + 1 if given else ahead[key]
        return given


def right(random: Random, clients: int = 3, each: int = 8) -> list[Operation]:
    """A right history."""
    logs = Logs(random)
    made = [logs.operation(moment) for moment in moments(random, clients, each)]
    end = "c0", "drain", (KEYS,), QUIET, QUIET + 9, {k: [*log] for k, log in logs.logs.items()}
    made.append(Operation(*end, node="n1"))
    return sorted(made, key=lambda each: each.invoked)


def spoil(random: Random, operations: list[Operation]) -> list[Operation]:
    """The same with one thing changed, which need not make it wrong."""
    place = random.randrange(len(operations))
    return [*operations[:place], changed(random, operations[place]), *operations[place + 1 :]]


def changed(random: Random, each: Operation) -> Operation:
    if random.random() < 0.1:
        return msgspec.structs.replace(
            each, returned=(each.returned or each.invoked), error=REFUSED
        )
    if random.random() < 0.1:
        return msgspec.structs.replace(each, invoked=each.invoked + random.randint(-30, 0))
    return msgspec.structs.replace(each, result=other(random, each.result))


def other(random: Random, result: Any) -> Any:
    """A result that differs a little."""
    if isinstance(result, int):
        return max(0, result + random.choice((-1, 1)))
    if not isinstance(result, dict) or not result:
        return result
    key = random.choice([*result])
    value = result[key]
    if isinstance(value, int):
        changes: list[Any] = [value + 1, value - 1, None]
    else:
        changes = [value[:-1], value[1:], value[::-1], [*value, (99, 1)], [*value[:1], *value[2:]]]
    new = random.choice(changes)
    return {k: new if k == key else v for k, v in result.items() if k != key or new is not None}
