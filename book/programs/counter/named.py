"""The same counter, whose requests have names, so that none is executed twice."""

from dataclasses import dataclass

from counter.counter import Add, AddOk, Counter
from labs.node import CallTimeout, Node, handler


@dataclass(frozen=True)
class NamedAdd(Add):
    """Asks to add a number once, however often this arrives."""

    client: str
    request: int


class NamedCounter(Counter):
    """Remembers what it has answered, and answers the same again."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: dict[tuple[str, int], AddOk] = {}

    @handler
    async def named_add(self, request: NamedAdd) -> AddOk:
        name = (request.client, request.request)
        if name not in self.answered:
            self.total += request.number
            self.answered[name] = AddOk(self.total)
        return self.answered[name]


class Naming:
    """Gives each request a name of its own, and asks until it is answered."""

    def __init__(self, node: Node, server: str, name: str = "") -> None:
        self.node, self.server = node, server
        self.name = name or f"{node.random.getrandbits(64):x}"
        self.requests = 0

    async def add(self, number: int) -> int:
        self.requests += 1
        request = NamedAdd(number, self.name, self.requests)
        while True:
            try:
                return (await self.node.call(self.server, request, timeout=0.1)).total
            except CallTimeout:
                continue
