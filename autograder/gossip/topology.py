"""Which neighbours each node is told at the beginning of a broadcast."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

Topology = dict[str, list[str]]


def total(nodes: Sequence[str]) -> Topology:
    """Everyone is everyone's neighbour."""
    return {node: [other for other in nodes if other != node] for node in nodes}


def line(nodes: Sequence[str]) -> Topology:
    """Each has the one before and the one behind it."""
    return connect(nodes, ((n, n + 1) for n in range(len(nodes) - 1)))


def grid(nodes: Sequence[str]) -> Topology:
    """A square, as good as it can be: the neighbours are left, right, above and below."""
    side = math.isqrt(max(len(nodes) - 1, 0)) + 1
    right = ((n, n + 1) for n in range(len(nodes)) if (n + 1) % side)
    below = ((n, n + side) for n in range(len(nodes)))
    return connect(nodes, [*right, *below])


def tree(children: int) -> Callable[[Sequence[str]], Topology]:
    """A tree in which each node has so many children."""
    return lambda nodes: connect(nodes, (((n - 1) // children, n) for n in range(1, len(nodes))))


def connect(nodes: Sequence[str], pairs: Iterable[tuple[int, int]]) -> Topology:
    """The neighbours that pairs of places make."""
    found: Topology = {node: [] for node in nodes}
    for one, other in pairs:
        if other < len(nodes):
            found[nodes[one]].append(nodes[other])
            found[nodes[other]].append(nodes[one])
    return found


TOPOLOGIES: dict[str, Callable[[Sequence[str]], Topology]] = {
    "total": total,
    "line": line,
    "grid": grid,
    "tree": tree(2),
    "tree2": tree(2),
    "tree3": tree(3),
    "tree4": tree(4),
}
