"""Nodes of an inline cluster are alone with their clock and their chance, whatever other threads do."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from autograder.cluster import Cluster
from autograder.verdict import Verdict
from tests.helpers import run_on, write_root

NODE = """
import random, time, uuid
from labs.node import Node

class Busy(Node):
    async def main(self):
        for _ in range(200):
            sum(range(2000))
        print(time.monotonic(), random.random(), uuid.uuid4())
"""


def busy(tmp_path: Path) -> tuple[list[str], list[Any]]:
    """What ten nodes say, and the trace of the run."""

    async def body(cluster: Cluster) -> None:
        nodes = [await cluster.start("busy/busy.py:Busy") for _ in range(10)]
        for node in nodes:
            await cluster.ended(node, 1)
        said.extend(line for node in nodes for line in node.printed())

    said: list[str] = []
    root = write_root(tmp_path, {"busy/busy.py": NODE})
    outcome = run_on(root, body, host="inline")
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)
    assert len(said) == 10
    return said, [*outcome.trace.events]


@contextmanager
def a_thread_that_looks_and_draws() -> Iterator[list[float]]:
    """What kernels of notebooks have: threads that look at the clock and make up names."""
    ended, seen = Event(), [time.monotonic()]

    def look() -> None:
        while not ended.is_set():
            seen.append(time.monotonic())
            os.urandom(8)
            random.SystemRandom().random()

    thread = Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def test_other_threads_change_nothing(tmp_path: Path) -> None:
    alone = busy(tmp_path)
    with a_thread_that_looks_and_draws() as seen:
        watched = busy(tmp_path)
    assert watched == alone
    assert seen == sorted(seen)  # the machine's clock, and never a node's
