"""A node by itself: its host is a list of what it sent, and its time is set by hand."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from random import Random
from typing import Any, Generic, TypeVar

from autograder.cluster.disk import SimulatedDisk
from labs.node import Node
from labs.node.disk import Disk
from labs.node.hosts.loop import SECOND, VirtualLoop
from labs.node.node import create

NodeT = TypeVar("NodeT", bound=Node)
T = TypeVar("T")


class Bench(Generic[NodeT]):
    """A host that keeps what its one node sends and reports."""

    def __init__(self, cls: type[NodeT], **options: Any) -> None:
        self.id = "n1"
        self.peers: tuple[str, ...] = ("n2", "n3")
        self.random = Random(1)
        self.disk = Disk(SimulatedDisk().perform)
        self.last_msg_id = 0
        self.lines: list[bytes] = []
        self.reports: list[BaseException] = []
        self.loop = VirtualLoop(lambda context: self.reports.append(context["exception"]))
        self.node = create(cls, self, options)

    def transmit(self, line: bytes) -> None:
        self.lines.append(bytes(line))

    def report(self, problem: BaseException) -> None:
        self.reports.append(problem)

    @property
    def sent(self) -> list[Any]:
        """The messages that the node sent."""
        return [json.loads(line) for line in self.lines]

    def deliver(self, body: object, src: str = "n2") -> None:
        """Give the node a message, as text or as an object, and let it run."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        line = b'{"src":"%s","dest":"n1","body":%s}' % (src.encode(), text)
        self.loop.call_soon(self.node._wiring.receive, line)
        self.loop.run_ready()

    def start(self, coroutine: Coroutine[Any, Any, T]) -> Any:
        """Begin something in the node."""
        task = self.loop.create_task(coroutine)
        self.loop.run_ready()
        return task

    def ask(self, body: object) -> Any:
        """The body of the node's reply."""
        before = len(self.lines)
        self.deliver(body)
        assert len(self.lines) == before + 1
        return self.sent[-1]["body"]

    def wait(self, seconds: float) -> None:
        """Let time pass, and the node run whenever it wants to."""
        end = self.loop.now + int(seconds * SECOND)
        while (timer := self.loop.next_timer()) is not None and timer <= end:
            self.loop.now = timer
            self.loop.run_ready()
        self.loop.now = end
