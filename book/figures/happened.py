"""Which event of a run happened before which, and the times that logical clocks give them.

Lamport, "Time, clocks, and the ordering of events in a distributed system" (1978): an event happened
before another if it came earlier on the same node, or sent the message that the other received, or by a
chain of such steps. Two events of which neither happened before the other are concurrent. Only sends and
receives count as events here: nothing else in a trace orders anything between nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.cluster.trace import Event, Message


@dataclass(frozen=True)
class Happening:
    """A send or a receive, by its number in order of real time.

    `node` is where it happened and `other` to whom or from whom the message is. `causes` are the numbers of
    all events that happened before it. `lamport` is its Lamport time; `vector` counts, for each node, its
    events that happened before this one, and this one itself.
    """

    number: int
    node: str
    other: str
    sends: bool
    message: Message
    now: int
    causes: frozenset[int]
    lamport: int
    vector: tuple[int, ...]
    lost: bool = False  # a send of which no copy arrived


@dataclass(frozen=True)
class Past:
    """The events of a run in order of real time, and the nodes in the order of the vectors' places."""

    nodes: list[str]
    events: list[Happening]
    more: int = 0  # events that were left out, all later than these

    def concurrent(self, one: Happening, other: Happening) -> bool:
        """Whether neither of two events happened before the other."""
        return not (one is other or one.number in other.causes or other.number in one.causes)


def past_of(events: Iterable[Event], most: int) -> Past:
    """The first sends and receives of a run, with their causes and their times on both clocks."""
    kept = [e for e in events if e.message is not None and e.kind in ("send", "deliver")]
    shown = kept[:most]
    nodes = nodes_of(shown)
    arriving = {e.message.number for e in kept if e.message and e.kind == "deliver"}
    latest: dict[str, Happening] = {}
    sent: dict[int, Happening] = {}
    found: list[Happening] = []
    for event in shown:
        message = event.message
        assert message is not None
        sends = event.kind == "send"
        earlier = [latest[event.node]] if event.node in latest else []
        if not sends:
            earlier.append(sent[message.number])
        happening = Happening(
            number=len(found),
            node=event.node,
            other=message.dest if sends else message.src,
            sends=sends,
            message=message,
            now=event.now,
            causes=frozenset().union(*(each.causes | {each.number} for each in earlier)),
            lamport=1 + max((each.lamport for each in earlier), default=0),
            vector=counted(earlier, nodes.index(event.node), len(nodes)),
            lost=sends and message.number not in arriving,
        )
        found.append(happening)
        latest[event.node] = happening
        if sends:
            sent[message.number] = happening
    return Past(nodes, found, len(kept) - len(shown))


def counted(earlier: Sequence[Happening], place: int, size: int) -> tuple[int, ...]:
    """The vector of an event of the node at a place: the largest of what came before, and one more here."""
    vector = [max((each.vector[i] for each in earlier), default=0) for i in range(size)]
    vector[place] += 1
    return tuple(vector)


def nodes_of(events: Sequence[Event]) -> list[str]:
    """The nodes that sent or received something, in the order of their names.

    A server with which all others talk, and with nobody else, stands in their middle: so the lines of
    messages run beside each other.
    """
    nodes = sorted({event.node for event in events}, key=lambda name: (len(name), name))
    ways = [{each.message.src, each.message.dest} for each in events if each.message]
    centre = next((node for node in nodes if all(node in way for way in ways)), None)
    if centre is not None and len(nodes) > 2:
        nodes.remove(centre)
        nodes.insert((len(nodes) + 1) // 2, centre)
    return nodes
