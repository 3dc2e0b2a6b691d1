"""Cycles of dependencies, and what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import networkx as nx

from autograder.checkers.transactions.graph import Edge, Graph, Kind, Reason
from autograder.checkers.transactions.levels import CYCLES, Level

Step = tuple[Edge, Kind, Reason]
Cycle = list[Step]

STARTS = 20  # nodes of a component from which the shortest cycle is looked for
COMPONENTS = 20  # of a graph in which cycles are looked for
WRITES = (Kind.WW,)
READS = (Kind.WW, Kind.WR)
ALL = (Kind.WW, Kind.WR, Kind.RW)
TIMES = (Kind.PROCESS, Kind.REALTIME)


def find(graph: Graph, level: Level) -> dict[str, Cycle]:
    """A short cycle of each name that the model forbids, as far as there are any.

    Whether there is a cycle at all is decided exactly, by strongly connected components.
    """
    found: dict[str, Cycle] = {}
    times = TIMES if level.order else ()
    if nx.is_directed_acyclic_graph(whole(graph, (*ALL, *times))):
        return found  # as is most often the case, and then none of the others has a cycle, either
    for name, kinds in (("G0", WRITES), ("G1c", READS), ("G-nonadjacent", ALL), ("G2", ALL)):
        if name in level.forbids:
            search = apart if name == "G-nonadjacent" else plain
            for cycle in search(graph, (*kinds, *times)):
                called = name_of(cycle)
                if called not in found or len(cycle) < len(found[called]):
                    found[called] = turned(cycle)
    return dict(sorted(found.items(), key=lambda item: severity(item[0])))


def turned(cycle: Cycle) -> Cycle:
    """The same cycle, told from its earliest transaction on."""
    first = min(range(len(cycle)), key=lambda n: cycle[n][0])
    return cycle[first:] + cycle[:first]


def severity(name: str) -> tuple[int, str]:
    """The place of a cycle's name, the worst first; without an order of time before with one."""
    bare = name.removesuffix("-process").removesuffix("-realtime")
    return CYCLES.index(bare), name


def whole(graph: Graph, kinds: tuple[Kind, ...]) -> nx.DiGraph[int]:
    """All edges of some kinds."""
    edges: nx.DiGraph[int] = nx.DiGraph()
    for kind in kinds:
        edges.add_edges_from(graph.edges[kind])
    return edges


def plain(graph: Graph, kinds: tuple[Kind, ...]) -> Iterator[Cycle]:
    """Cycles of some kinds of edges."""
    for circle in circles(whole(graph, kinds)):
        yield [(edge, *graph.why(edge, kinds)) for edge in circle]


def apart(graph: Graph, kinds: tuple[Kind, ...]) -> Iterator[Cycle]:
    """Cycles in which no two anti-dependencies stand in a row: each follows another dependency."""
    others = tuple(kind for kind in kinds if kind is not Kind.RW)
    missed: dict[int, list[int]] = defaultdict(list)
    for reader, writer in graph.edges[Kind.RW]:
        missed[reader].append(writer)
    via: dict[Edge, int] = {}
    edges = whole(graph, others)
    direct = list(edges.edges)
    for one, reader in direct:
        for writer in missed.get(reader, ()):
            if not edges.has_edge(one, writer):
                edges.add_edge(one, writer)
                via[one, writer] = reader
    for circle in circles(edges):
        yield list(expanded(graph, circle, via, others))


def expanded(
    graph: Graph, circle: Iterable[Edge], via: dict[Edge, int], others: tuple[Kind, ...]
) -> Iterator[Step]:
    """A circle with each anti-dependency as a step of its own."""
    for one, other in circle:
        reader = via.get((one, other))
        if reader is None:
            yield (one, other), *graph.why((one, other), others)
        else:
            yield (one, reader), *graph.why((one, reader), others)
            yield (reader, other), Kind.RW, graph.edges[Kind.RW][reader, other]


def name_of(cycle: Cycle) -> str:
    """What a cycle is called: by its anti-dependencies, its reads, and the order that it needs."""
    kinds = [kind for _, kind, _ in cycle]
    missed = kinds.count(Kind.RW)
    if missed > 1:
        adjacent = any(a is b is Kind.RW for a, b in pairwise([*kinds, kinds[0]]))
        name = "G2" if adjacent else "G-nonadjacent"
    elif missed:
        name = "G-single"
    else:
        name = "G1c" if Kind.WR in kinds else "G0"
    if Kind.REALTIME in kinds:
        return f"{name}-realtime"
    return f"{name}-process" if Kind.PROCESS in kinds else name


def circles(edges: nx.DiGraph[Any]) -> Iterator[list[tuple[Any, Any]]]:
    """A short circle of each strongly connected component, of some components if there are many."""
    components = nx.strongly_connected_components(edges)
    cyclic = [each for each in components if len(each) > 1 or edges.has_edge(*each, *each)]
    place: dict[Any, int] = {node: n for n, node in enumerate(edges)}
    cyclic.sort(key=lambda each: (len(each), min(place[node] for node in each)))
    for component in cyclic[:COMPONENTS]:
        yield shortest(edges.subgraph(component), sorted(component, key=place.__getitem__))


def shortest(edges: nx.DiGraph[Any], nodes: list[Any]) -> list[tuple[Any, Any]]:
    """The shortest circle through any of some nodes, evenly chosen, of a connected component."""
    best: list[Any] = []
    for start in nodes[:: -(-len(nodes) // STARTS)]:
        paths = nx.single_source_shortest_path(edges, start)
        circle = min((paths[last] for last in edges.predecessors(start)), key=len)
        if not best or len(circle) < len(best):
            best = circle
    return list(pairwise([*best, best[0]]))
