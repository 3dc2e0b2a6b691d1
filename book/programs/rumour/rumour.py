"""What the programs of this folder say to each other, and to clients, as Maelstrom's `broadcast` has it."""

from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class TopologyOk(Message):
    """The neighbours are known."""


@dataclass(frozen=True)
class Topology(Request[TopologyOk]):
    """Says who the neighbours of each node are."""

    topology: dict[str, list[str]]


@dataclass(frozen=True)
class BroadcastOk(Message):
    """The rumour is known here."""


@dataclass(frozen=True)
class Broadcast(Request[BroadcastOk]):
    """Tells a rumour."""

    message: int


@dataclass(frozen=True)
class ReadOk(Message):
    """The rumours that are known here."""

    messages: list[int]


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    """Asks for the rumours that are known."""


@dataclass(frozen=True)
class Psst(Message):
    """Rumours, from one node to another."""

    messages: list[int]


class Villager(Node):
    """Knows rumours and neighbours. What it does with a rumour is left to others."""

    def __init__(self) -> None:
        self.known: set[int] = set()
        self.neighbours: list[str] = []

    @handler
    async def topology(self, request: Topology) -> TopologyOk:
        self.neighbours = request.topology[self.id]
        return TopologyOk()

    @handler
    async def broadcast(self, request: Broadcast) -> BroadcastOk:
        self.hear([request.message])
        return BroadcastOk()

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(sorted(self.known))

    @handler
    async def psst(self, request: Psst) -> None:
        self.hear(request.messages)

    def hear(self, rumours: list[int]) -> None:
        self.known.update(rumours)
