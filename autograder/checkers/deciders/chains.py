"""The decider for data types in which every state was written only once.

Then what an operation found says after which write it happened, and before which. An operation that found
one state and left another ties them together: such states form chains, each begun by a write that did not
look, or by the initial state. Within a chain the order is known, so one pass over its bounds is exact. Of
two chains, one is before the other as a whole, which is a question of zones.

Gibbons and Korach, "Testing shared memories" (1997), show this for reads and writes; a chain that meets its
bounds is like one of their writes with all of its reads.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple

from autograder.checkers.calls import Part, is_open
from autograder.checkers.deciders.conflict import Conflict, DoesNotApply
from autograder.checkers.deciders.zones import Zone, clash, clashing
from autograder.checkers.history import Operation
from autograder.checkers.timeline import FOREVER


class Nothing:
    """In the place of a state: the operation did not look, or left none."""


NOTHING = Nothing()


class Effect(NamedTuple):
    """The state that an operation found, and the one that it left; or what it `adds` to an unknown one."""

    found: Hashable = NOTHING
    left: Hashable = NOTHING
    adds: str = ""


# The effect of an operation; None if its response cannot be. May raise `DoesNotApply`.
EffectOf = Callable[[Operation], Effect | None]


class Bounds(NamedTuple):
    """The operations that bound the time of a chain: the first to be over, and the last to begin.

    Any one of `proof` shows that the latter, if it got no answer, happened at all.
    """

    over: int  # -1 for the chain of the initial state
    begun: int
    proof: tuple[int, ...]


def decide(part: Part, initial: Hashable, effect_of: EffectOf) -> Conflict | None:
    """The first conflict of a part; see `Decider`. It does not apply if a state may be left twice."""
    try:
        chains = Chains(part, initial)
        return chains.read(part.fixed, effect_of) or chains.conflict()
    except TypeError:  # a state that cannot be looked up
        raise DoesNotApply from None


class Chains:
    """The states of a part, who left and who found them."""

    def __init__(self, part: Part, initial: Hashable) -> None:
        self._operations, self._last = part.timeline
        self._initial = initial
        self._maker: dict[Hashable, int] = {}
        self._before: dict[
            Hashable, Hashable
        ] = {}  # the state that each was made from, or `NOTHING`
        self._next: dict[Hashable, Hashable] = {}  # and the one that was made from it
        self._low: dict[Hashable, int] = {}  # the last to find each state, by invocation
        self._high: dict[Hashable, int] = {}  # and the first, by response
        self._open: set[int] = set()  # the makers that got no answer
        self._chances = Chances()

    def read(self, places: list[int], effect_of: EffectOf) -> Conflict | None:
        """Note what each operation says; the conflict, if one says what cannot be."""
        last, low, high = self._last, self._low, self._high
        for i in places:
            operation = self._operations[i]
            effect = effect_of(operation)
            if effect is None:
                return Conflict([i])
            found, left, _ = effect
            if is_open(operation):
                self._chances.add(i, effect)
                continue
            if found is not NOTHING:
                low[found] = i
                first = high.setdefault(found, i)
                if last[i] < last[first]:
                    high[found] = i
            if left is not NOTHING:
                if left in self._maker or left == self._initial:
                    raise DoesNotApply
                self._maker[left] = i
                self._before[left] = found
        return None

    def conflict(self) -> Conflict | None:
        """The first conflict; None if there is none."""
        return self._unmade() or self._fork() or self._late()

    def _unmade(self) -> Conflict | None:
        """A state that was found, although nobody can have left it; after this, who left each is known."""
        wanted = list(self._low)
        for state in wanted:
            chances = self._chances.of(state)
            surely = state == self._initial or state in self._maker
            if surely + len(chances) > 1:
                raise DoesNotApply
            if chances:
                ((maker, before),) = chances
                self._chances.take(maker)
                self._maker[state], self._before[state] = maker, before
                self._open.add(maker)
                if before is not NOTHING and before not in self._high:
                    self._high[before] = self._high[state]
                    wanted.append(before)
            elif not surely:
                return Conflict([self._high[state]])
        return None

    def _fork(self) -> Conflict | None:
        """Two states that were made from the same one."""
        for state, before in self._before.items():
            other = self._next.setdefault(before, state) if before is not NOTHING else state
            if other != state:
                some = [self._witness(state), self._witness(other)]
                return Conflict(some if self._is_rooted(state) else some[:1])
        return None

    def _witness(self, state: Hashable) -> int:
        """What shows that a state was left: who left it, if that is sure, or who found it."""
        maker = self._maker[state]
        return self._high[state] if maker in self._open else maker

    def _is_rooted(self, state: Hashable) -> bool:
        """Whether a state does not need itself."""
        for _ in self._before:
            state = self._before.get(state, NOTHING)
            if state is NOTHING:
                return True
        return False

    def _late(self) -> Conflict | None:
        """States that were not left in time, or chains that overlap, or states made from each other."""
        zones: list[Zone[Bounds]] = []
        rooted = 0
        heads = [state for state, before in self._before.items() if before is NOTHING]
        for head in (self._initial, *heads):
            states = list(self._chain(head))
            rooted += len(states)
            zone = self._zone(states)
            if isinstance(zone, Conflict):
                return zone
            if zone is not None:
                zones.append(zone)
        if rooted < len(self._before) + 1:
            return Conflict([next(self._witness(s) for s in self._maker if not self._is_rooted(s))])
        return self._overlap(zones)

    def _chain(self, state: Hashable) -> Iterator[Hashable]:
        """The states from one on."""
        while state is not NOTHING:
            yield state
            state = self._next.get(state, NOTHING)

    def _zone(self, states: list[Hashable]) -> Zone[Bounds] | Conflict | None:
        """When the chain of some states was, or why it cannot have been; None if it does not matter."""
        last, over, begun = self._last, -1, -1
        proof: tuple[int, ...] = ()
        for state in states:
            maker = self._maker.get(state, -1)
            if maker > begun:
                begun, proof = maker, (self._witness(state),)
            for i in (-1 if maker in self._open else maker, self._high.get(state, -1)):
                if i >= 0:
                    if last[i] < begun:
                        return Conflict([i, begun])
                    if over < 0 or last[i] < last[over]:
                        over = i
                        proof = (*proof, i)
            found = self._low.get(state, -1)
            if found > begun:
                begun, proof = found, (found,)
        if begun < 0:
            return None
        if states[0] == self._initial:
            return Zone(-1, begun, Bounds(-1, begun, proof))
        return Zone(last[over], begun, Bounds(over, begun, proof))

    def _overlap(self, zones: list[Zone[Bounds]]) -> Conflict | None:
        """Two chains neither of which can be before the other."""
        found = clashing(zones)
        if found is None:
            return None
        suspects = {i for zone in found for i in (zone.who.over, zone.who.begun, *zone.who.proof)}

        def holds(kept: list[int]) -> bool:
            one, other = (self._less(zone, set(kept)) for zone in found)
            return one is not None and other is not None and clash(one, other)

        return Conflict(sorted(suspects - {-1}), holds)

    def _less(self, zone: Zone[Bounds], kept: set[int]) -> Zone[Bounds] | None:
        """What is left of a zone if only some operations are known."""
        over, begun, proof = zone.who
        known = kept.intersection((over, begun, *proof))
        if kept.isdisjoint(proof):
            known.discard(begun)
        if not known:
            return None
        end = min(FOREVER if i in self._open else self._last[i] for i in known)
        return zone._replace(end=end if zone.end >= 0 else -1, begin=max(known))


class Chances:
    """Operations that may have happened or not, by the states that they would leave."""

    def __init__(self) -> None:
        self._whole: dict[Hashable, tuple[int, Hashable]] = {}
        self._endings: dict[str, int] = {}
        self._lengths: set[int] = set()
        self._taken: set[int] = set()

    def add(self, i: int, effect: Effect) -> None:
        """One more; two that would leave the same cannot be told apart."""
        if effect.adds:
            if self._endings.setdefault(effect.adds, i) != i:
                raise DoesNotApply
            self._lengths.add(len(effect.adds))
            return
        whole = (i, effect.found)
        if effect.left is not NOTHING and self._whole.setdefault(effect.left, whole) != whole:
            raise DoesNotApply

    def of(self, state: Hashable) -> list[tuple[int, Hashable]]:
        """Those that may have left a state, and the states that they would have found."""
        found = [self._whole[state]] if state in self._whole else []
        if isinstance(state, str):
            for length in self._lengths:
                maker = self._endings.get(state[-length:])
                if maker is not None:
                    found.append((maker, state[:-length]))
        return found

    def take(self, i: int) -> None:
        """It left a state; it cannot have left another."""
        if i in self._taken:
            raise DoesNotApply
        self._taken.add(i)
