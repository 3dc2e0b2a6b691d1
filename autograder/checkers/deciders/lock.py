"""The decider for locks: a client holds one from its acquire to its release, and no two do at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from autograder.checkers.calls import Part, is_open
from autograder.checkers.deciders.conflict import Conflict, DoesNotApply
from autograder.checkers.deciders.zones import Zone, clash, clashing
from autograder.checkers.timeline import FOREVER


@dataclass
class Tenure:
    """The time for which a client holds the lock; without a release, for ever.

    There may be several releases without an answer; each would do.
    """

    acquire: int
    releases: list[int] = field(default_factory=list)
    answered: bool = False

    def zone(self, last: list[int], kept: set[int]) -> Zone[Tenure] | None:
        """The zone, if only these operations are known; None if it does not matter then."""
        end, begin = FOREVER, -1
        if self.acquire in kept:
            end, begin = last[self.acquire], self.acquire
            begin = begin if self.releases else FOREVER
        if kept.issuperset(self.releases):
            begin = max(begin, min(self.releases, default=-1))
            if self.answered:
                end = min(end, last[self.releases[0]])
        return None if begin < 0 else Zone(end, begin, self)


def decide(part: Part) -> Conflict | None:
    """The first conflict of a part; see `Decider`.

    It does not apply if a client was answered after an operation without an answer, or has both an acquire
    and a release without one, or has one and contradicts itself.
    """
    tenures: dict[str, list[Tenure]] = {}
    lost: dict[str, str] = {}  # the clients that got no answer, and to what
    conflicts: dict[str, Conflict] = {}  # the first of each client with itself
    operations, last = part.timeline
    for i in part.fixed:
        operation = operations[i]
        client, name = operation.client, operation.name
        own = tenures.setdefault(client, [])
        if is_open(operation):
            if lost.setdefault(client, name) != name:
                raise DoesNotApply
            if name == "release" and own and not own[-1].answered:
                own[-1].releases.append(i)
        elif operation.error is None:
            if client in lost:
                raise DoesNotApply
            if client not in conflicts and (conflict := take(i, name, own)):
                conflicts[client] = conflict
    if any(client in lost for client in conflicts):
        raise DoesNotApply
    first = next(iter(conflicts.values()), None)
    return first or overlap(chain.from_iterable(tenures.values()), last)


def take(i: int, name: str, own: list[Tenure]) -> Conflict | None:
    """Note what a client did next; the conflict, if it cannot do that."""
    held = bool(own) and not own[-1].answered
    if name == "acquire":
        if held:
            return Conflict([own[-1].acquire, i])
        own.append(Tenure(i))
    elif held:
        own[-1].releases.append(i)
        own[-1].answered = True
    else:
        return Conflict([*(own[-1].releases if own else []), i])
    return None


def overlap(tenures: Iterable[Tenure], last: list[int]) -> Conflict | None:
    """The conflict of two clients that held the lock at the same time."""
    zones = []
    for tenure in tenures:
        zone = tenure.zone(last, {tenure.acquire, *tenure.releases})
        assert zone is not None
        zones.append(zone)
    found = clashing(zones)
    if found is None:
        return None
    one, other = (zone.who for zone in found)

    def holds(kept: list[int]) -> bool:
        a, b = one.zone(last, set(kept)), other.zone(last, set(kept))
        return a is not None and b is not None and clash(a, b)

    return Conflict(sorted({one.acquire, *one.releases, other.acquire, *other.releases}), holds)
