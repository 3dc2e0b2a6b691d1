"""Clusters in one process do not see each other's roots."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.catalog import GIVEN, REPOSITORY
from autograder.cluster import Cluster
from autograder.verdict import Verdict
from labs.node.hosts import load
from tests.helpers import run_on, write_root

NODE = """
from labs.node import Node
from kv.clerk import NAME

class KVServer(Node):
    async def main(self):
        print(NAME)
"""


def test_an_inline_cluster_sees_only_its_own_root_and_gives_the_others_back(tmp_path: Path) -> None:
    async def body(cluster: Cluster) -> None:
        server = await cluster.start("kv/server.py:KVServer")
        await cluster.ended(server, 1)
        assert server.printed() == ["mine"]

    load.prepare([str(REPOSITORY / "solutions")])
    before = load.load("kv/server.py:KVServer")
    root = write_root(tmp_path, {"kv/server.py": NODE, "kv/clerk.py": "NAME = 'mine'"})
    for _ in range(2):
        outcome = run_on(root, body, host="inline")
        assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)
    assert load.load("kv/server.py:KVServer") is before


def test_a_root_that_was_only_given_before_shows_its_own_files() -> None:
    modules = load.set_aside()
    try:
        load.prepare([str(REPOSITORY / "solutions")], str(GIVEN), ["kv/server.py"])
        assert load.load("kv/server.py:KVServer").__doc__
        load.set_aside()
        load.prepare([str(GIVEN)])
        load.load("kv/server.py:KVServer")
        assert sys.modules["kv.server"].__file__ == str(GIVEN / "kv" / "server.py")
    finally:
        load.put_back(modules)
