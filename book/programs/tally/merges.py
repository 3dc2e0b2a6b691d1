"""Ways to make one state of two, and what is asked of them."""

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import TypeVar

Vector = Mapping[str, int]
StateT = TypeVar("StateT")
Merge = Callable[[StateT, StateT], StateT]


def places(one: Vector, other: Vector) -> Vector:
    """Of each place the larger number: what a vector clock does when it hears of another."""
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in {**one, **other}}


def laws(merge: Merge[StateT], states: Iterable[StateT]) -> Mapping[str, str]:
    """Which of three laws hold among some states."""
    some = list(states)
    pairs, triples = list(product(some, repeat=2)), list(product(some, repeat=3))
    found = {
        "in any order": all(merge(a, b) == merge(b, a) for a, b in pairs),
        "in any groups": all(merge(merge(a, b), c) == merge(a, merge(b, c)) for a, b, c in triples),
        "more than once": all(merge(merge(a, b), b) == merge(a, b) for a, b in pairs),
    }
    return {law: "holds" if held else "fails" for law, held in found.items()}
