"""What a node has freed is not counted as its memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.cluster import Cluster
from autograder.cluster.errors import Unsupported
from tests.helpers import run_on, write_root

HOARDER = """
from dataclasses import dataclass
from labs.node import Message, Node, Request, handler

@dataclass(frozen=True)
class Done(Message):
    pass

@dataclass(frozen=True)
class Take(Request[Done]):
    mib: int

@dataclass(frozen=True)
class Free(Request[Done]):
    pass

class Hoarder(Node):
    def __init__(self) -> None:
        self.hoard = []

    @handler
    async def take(self, request: Take) -> Done:
        self.hoard.append(b"x" * (request.mib << 20))
        return Done()

    @handler
    async def free(self, request: Free) -> Done:
        self.hoard.clear()
        return Done()
"""
MIB = 1 << 20


def test_large_blocks_go_back_to_the_system_as_they_are_freed(tmp_path: Path) -> None:
    async def run(cluster: Cluster) -> None:
        node = await cluster.start("it/node.py:Hoarder")
        await cluster.call(node, {"type": "free"})
        empty = cluster.memory(node)
        # glibc would take the first for a sign, and keep the second for later.
        for _ in range(2):
            await cluster.call(node, {"type": "take", "mib": 10})
            assert 10 * MIB <= cluster.memory(node) - empty < 11 * MIB
            await cluster.call(node, {"type": "free"})
            assert cluster.memory(node) - empty < MIB

    assert run_on(write_root(tmp_path, {"it/node.py": HOARDER}), run).seen == ""


def test_memory_is_unsupported_where_nodes_share_a_process(tmp_path: Path) -> None:
    async def run(cluster: Cluster) -> None:
        node = await cluster.start("it/node.py:Hoarder")
        with pytest.raises(Unsupported):
            cluster.memory(node)

    assert run_on(write_root(tmp_path, {"it/node.py": HOARDER}), run, host="inline").seen == ""
