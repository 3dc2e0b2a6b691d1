"""Which links between nodes a fault cuts. A shape draws them, for names of nodes that come shuffled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from random import Random

from autograder.cluster.rules import LOST, PASS, Rule, described
from autograder.cluster.trace import Message

Links = frozenset[tuple[str, str]]  # from, to
Shape = Callable[[list[str], Random], Links]
SHOWN = 12  # links that are named


def cut(links: Links) -> Rule:
    """A rule for the network: what is sent over these links is lost."""

    def rule(message: Message, random: Random) -> Sequence[float]:
        return LOST if (message.src, message.dest) in links else PASS

    return described(told(links), rule)


def told(links: Links) -> str:
    """The links, in words: who hears whom no more."""
    dests: dict[frozenset[str], list[str]] = {}
    for dest in sorted({dest for _, dest in links}):
        deaf_to = frozenset(src for src, other in links if other == dest)
        dests.setdefault(deaf_to, []).append(dest)
    parts = [f"{', '.join(sorted(src))} cannot reach {', '.join(to)}" for src, to in dests.items()]
    more = f"; and {len(parts) - SHOWN} more" if parts[SHOWN:] else ""
    return "; ".join(parts[:SHOWN]) + more


def between(sources: Collection[str], dests: Collection[str]) -> Links:
    """The links from the ones to the others."""
    return frozenset((src, dest) for src in sources for dest in dests if src != dest)


def apart(one: Collection[str], other: Collection[str]) -> Links:
    """All links between two groups, both ways."""
    return between(one, other) | between(other, one)


def groups(names: list[str], random: Random) -> Links:
    """Two groups of any sizes."""
    size = random.randint(1, max(1, len(names) // 2))
    return apart(names[:size], names[size:])


def one(names: list[str], random: Random) -> Links:
    """One node alone."""
    return apart(names[:1], names[1:])


def minority_third(names: list[str], random: Random) -> Links:
    """Up to a third of the nodes, at least one, and less than half if there are three."""
    size = max(1, len(names) // 3)
    return apart(names[:size], names[size:])


def majority(names: list[str], random: Random) -> Links:
    """A bare majority of the nodes, and the others; of two, one and the other."""
    size = min(len(names) // 2 + 1, max(1, len(names) - 1))
    return apart(names[:size], names[size:])


def ring(names: list[str], random: Random) -> Links:
    """Every node hears a majority, no two the same: those around it in a ring.

    With an even majority, as of three nodes, that is one more after it than before, and links work one way.
    With two nodes, a majority is both, and nothing is cut.
    """
    size = len(names) // 2 + 1
    first = -((size - 1) // 2)
    heard = {
        (names[(place + step) % len(names)], dest)
        for place, dest in enumerate(names)
        for step in range(first, first + size)
    }
    return between(names, names) - heard


def one_way(names: list[str], random: Random) -> Links:
    """What some nodes send to the others; they hear them."""
    size = random.randint(1, max(1, len(names) - 1))
    return between(names[:size], names[size:])


SHAPES: tuple[Shape, ...] = (groups, one, minority_third, majority, ring)


def partition(names: list[str], random: Random) -> Links:
    """One of the shapes; of two nodes, one that cuts them."""
    shapes = SHAPES if len(names) > 2 else SHAPES[:3]
    return random.choice(shapes)(names, random)


CUTS: dict[str, Shape] = {
    "partition": partition,
    "partition-groups": groups,
    "partition-one": one,
    "partition-minority-third": minority_third,
    "partition-majority": majority,
    "partition-majorities-ring": ring,
    "one-way": one_way,
}
