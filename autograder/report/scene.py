"""What a picture is made of, and what of it can be read off: messages under way, states of nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from autograder.checkers.finding import Dependency
from autograder.checkers.history import Operation
from autograder.cluster.trace import Event, Message
from autograder.verdict import Verdict


@dataclass(frozen=True)
class Scene:
    """A run and what was found in it. `evidence` are those of `operations` that contradict each other.

    `cycle` is how they do, if their dependencies lead in a circle.

    Events are in order of time, operations in that of their invocations, as a trace and a history hold
    them. Times are in microseconds.
    """

    title: str
    promise: str = ""
    seen: str = ""
    command: str = ""
    verdict: Verdict = Verdict.FAIL
    events: Sequence[Event] = ()
    operations: Sequence[Operation] = ()
    evidence: Sequence[Operation] = ()
    cycle: Sequence[Dependency] = ()


@dataclass
class Journey:
    """A message on its way: when each copy arrived, or when and why one was lost."""

    message: Message
    sent: int
    arrived: list[int] = field(default_factory=list)
    lost: list[tuple[int, str]] = field(default_factory=list)

    @property
    def last(self) -> int:
        """When the last copy arrived or was lost."""
        return max([self.sent, *self.arrived, *(when for when, _ in self.lost)])


@dataclass(frozen=True)
class Spell:
    """Some time in which something held; `end` is None if it held to the end of the run."""

    kind: str
    start: int
    end: int | None
    detail: str = ""


class _Line(msgspec.Struct):
    body: dict[str, Any]


_read = msgspec.json.Decoder(_Line).decode


def journeys(events: Sequence[Event]) -> list[Journey]:
    """The messages of a run, in the order in which they were sent."""
    found: dict[int, Journey] = {}
    for event in events:
        if event.message is None:
            continue
        journey = found.setdefault(event.message.number, Journey(event.message, event.now))
        if event.kind == "deliver":
            journey.arrived.append(event.now)
        elif event.kind == "drop":
            journey.lost.append((event.now, event.detail))
    return list(found.values())


def body(message: Message) -> dict[str, Any]:
    """The body of a message; empty if it cannot be read."""
    try:
        return _read(message.line).body
    except (msgspec.DecodeError, RecursionError):
        return {}


def moments(scene: Scene) -> list[int]:
    """The times of all events, and of the beginnings and ends of operations, in order."""
    times = [event.now for event in scene.events]
    for operation in scene.operations:
        times.append(operation.invoked)
        if operation.returned is not None:
            times.append(operation.returned)
    return sorted(times)


def end_of(scene: Scene) -> int:
    """When the last thing happened."""
    return max([*moments(scene)[-1:], 1])


def node_names(events: Sequence[Event]) -> list[str]:
    """The nodes in order of start; behind them whoever else sent or received a message."""
    started = [event.node for event in events if event.kind == "start"]
    others = (
        name
        for event in events
        if event.message
        for name in (event.message.src, event.message.dest)
    )
    return list(dict.fromkeys([*started, *others]))


# What begins a spell in the life of a node, and what ends it.
DOWN, PAUSED = {"crash": "crashed", "exit": "ended"}, {"pause": "paused"}
ENDS = {"crashed": {"start"}, "ended": {"start"}, "paused": {"resume", "crash", "exit"}}


def spells_of(events: Sequence[Event]) -> list[Spell]:
    """When one node was down or paused; `events` are those of that node."""
    spells: list[Spell] = []
    begun: Event | None = None
    for event in events:
        if begun is not None and event.kind in ENDS[(DOWN | PAUSED)[begun.kind]]:
            spells.append(_spell(begun, event.now))
            begun = None
        if event.kind in DOWN | PAUSED:
            begun = event
    return spells + ([_spell(begun, None)] if begun is not None else [])


def _spell(begun: Event, end: int | None) -> Spell:
    return Spell((DOWN | PAUSED)[begun.kind], begun.now, end, begun.detail)


def rules_of(events: Sequence[Event]) -> list[Spell]:
    """When each rule of the network was at work."""
    spells: list[Spell] = []
    at_work: dict[str, list[int]] = {}
    for event in events:
        if event.kind == "cut":
            at_work.setdefault(event.detail, []).append(event.now)
        elif event.kind == "heal" and at_work.get(event.detail):
            spells.append(Spell("rule", at_work[event.detail].pop(), event.now, event.detail))
    left = [Spell("rule", t, None, what) for what, begun in at_work.items() for t in begun]
    return sorted(spells + left, key=lambda spell: (spell.start, spell.detail))
