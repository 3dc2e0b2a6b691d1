"""Which copy of a lab's file runs: the student's own files from the root, all others as they are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.cluster import Cluster
from autograder.verdict import Verdict
from tests.helpers import run_on, write_root

OWN = """
from labs.node import Node
import kv.messages, kv.helper

class KVServer(Node):
    async def main(self):
        print(kv.messages.Maybe.code, kv.helper.NAME)
"""


async def start(cluster: Cluster) -> None:
    server = await cluster.start("kv/server.py:KVServer")
    await cluster.ended(server, 1)
    assert server.printed() == ["1001 mine"]


@pytest.mark.parametrize("host", ["process", "inline"])
def test_a_broken_copy_of_a_given_file_harms_nothing(tmp_path: Path, host: str) -> None:
    files = {"kv/server.py": OWN, "kv/helper.py": "NAME = 'mine'", "kv/messages.py": "broken ("}
    outcome = run_on(write_root(tmp_path, files), start, host=host)
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)


@pytest.mark.parametrize("host", ["process", "inline"])
def test_a_missing_own_file_is_not_taken_from_the_given_ones(tmp_path: Path, host: str) -> None:
    outcome = run_on(write_root(tmp_path, {"kv/helper.py": ""}), start, host=host)
    assert outcome.verdict is Verdict.FAIL
    assert "kv/server.py is missing" in outcome.seen
