"""The rows of a picture: a row for each client, and a line of life for each node."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from autograder.report.scene import Scene, node_names
from autograder.report.words import counted

BAR, ROW, NODE = 22.0, 30.0, 46.0  # heights: of an operation, of its row, of a node's lane
CLIENTS, NODES = 24, 24  # drawn at most
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Lane:
    """A row with its name; `y` is the middle of it."""

    name: str
    kind: str  # `client` or `node`
    y: float


@dataclass
class Lanes:
    """All rows, from the top: each process with the clients in it, then the other nodes."""

    clients: dict[str, Lane] = field(default_factory=dict)
    nodes: dict[str, Lane] = field(default_factory=dict)
    height: float = 0.0
    left_out: list[str] = field(default_factory=list)  # in words

    def node_y(self, name: str) -> float:
        """Where messages of a node begin and end; or of a client that sends them itself."""
        lane = self.nodes.get(name) or self.clients.get(name) or self.nodes.get(ELSEWHERE)
        return lane.y if lane else self.height

    def add_client(self, name: str) -> None:
        self.clients[name] = Lane(name, "client", self.height + ROW / 2)
        self.height += ROW

    def add_node(self, name: str, height: float) -> None:
        self.nodes[name] = Lane(name, "node", self.height + height / 2)
        self.height += height


def arrange(scene: Scene, top: float = 0.0) -> Lanes:
    """The rows for a scene, below `top`; of very many clients or nodes those that matter most."""
    lanes = Lanes(height=top)
    clients = chosen_clients(scene, lanes)
    homes = {operation.client: operation.node for operation in scene.operations}
    processes = list(dict.fromkeys(homes[client] for client in clients))
    for process in processes:
        for client in clients:
            if homes[client] == process:
                lanes.add_client(client)
        if process:
            lanes.add_node(process, ROW)
    for name in chosen_nodes(scene, [*processes, *lanes.clients], lanes):
        lanes.add_node(name, NODE)
    return lanes


def chosen_clients(scene: Scene, lanes: Lanes) -> list[str]:
    """The clients in the order of their names; first choice have those of the evidence."""
    ranked = list(dict.fromkeys(op.client for op in [*scene.evidence, *scene.operations]))
    if len(ranked) > CLIENTS:
        lanes.left_out.append(counted(len(ranked) - CLIENTS, "more client"))
    return sorted(ranked[:CLIENTS], key=natural)


def chosen_nodes(scene: Scene, drawn: Collection[str], lanes: Lanes) -> list[str]:
    """The nodes that have a row, beside those that have one already; the others share one."""
    names = [name for name in node_names(scene.events) if name not in drawn]
    if len(names) <= NODES:
        return names
    lanes.left_out.append(f"{counted(len(names) - NODES, 'more node')} drawn as one, {ELSEWHERE}")
    return [*names[:NODES], ELSEWHERE]


def natural(name: str) -> tuple[int, str]:
    """The order in which c2 stands before c10."""
    return len(name), name
