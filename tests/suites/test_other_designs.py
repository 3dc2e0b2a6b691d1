"""Right submissions of another make than the solutions, by which a test must not go wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.catalog import REPOSITORY
from autograder.run import Test
from autograder.suites.exactly_once import test_losses as once_losses
from autograder.suites.exactly_once import test_memory as once_memory
from autograder.suites.kv import test_losses as kv_losses
from autograder.verdict import Verdict
from tests.helpers import run_on, write_root

# Its requests wait for each other, many at a time, and their tasks leave memory behind.
LOCKED_SERVER = """
import asyncio

from exactly_once.messages import Append, AppendOk, Get, GetOk, OldRequest, Put, PutOk
from labs.node import Node, handler


class Server(Node):
    def __init__(self):
        self.values, self.last, self.lock = {}, {}, asyncio.Lock()

    @handler
    async def get(self, request: Get) -> GetOk:
        async with self.lock:
            number, _ = self.last.get(request.client, (0, None))
            if number and request.number > number:
                self.last[request.client] = (request.number, None)
            return GetOk(self.values.get(request.key, ""))

    @handler
    async def put(self, request: Put) -> PutOk:
        return await self.once(request, lambda old: (request.value, PutOk()))

    @handler
    async def append(self, request: Append) -> AppendOk:
        return await self.once(request, lambda old: (old + request.value, AppendOk(old)))

    async def once(self, request, change):
        async with self.lock:
            number, reply = self.last.get(request.client, (0, None))
            if request.number == number and reply:
                return reply
            if request.number <= number:
                raise OldRequest("it is answered")
            await asyncio.sleep(0)
            value, reply = change(self.values.get(request.key, ""))
            self.values[request.key] = value
            self.last[request.client] = (request.number, reply)
            return reply
"""


def solution(file: str) -> str:
    return (REPOSITORY / "solutions" / file).read_text(encoding="utf-8")


def replaced(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Clerks that wait as long as they may, and servers."""
    patient = replaced(
        solution("kv/clerk.py"),
        ("FIRST_TIMEOUT = 0.1", "FIRST_TIMEOUT = 5.0"),
        ("LONGEST_TIMEOUT = 1.6", "LONGEST_TIMEOUT = 5.0"),
    )
    once = solution("exactly_once/clerk.py")
    files = {
        "kv/clerk.py": patient,
        "kv/server.py": solution("kv/server.py"),
        "exactly_once/clerk.py": replaced(once, ("CALL_TIMEOUT = 0.1", "CALL_TIMEOUT = 5.0")),
        "exactly_once/server.py": LOCKED_SERVER,
    }
    return write_root(tmp_path, files)


@pytest.mark.parametrize(
    "test",
    [
        kv_losses.test_lost_request,
        kv_losses.test_lost_reply,
        kv_losses.test_two_hundred_losses,
        once_losses.test_lost_request,
        once_losses.test_two_hundred_losses,
        once_memory.test_memory_of_many_operations,
    ],
    ids=lambda test: f"{test.__module__.split('.')[-2]}-{test.__name__}",
)
def test_another_design_passes(test: Test, root: Path) -> None:
    outcome = run_on(root, test)
    assert outcome.verdict is Verdict.PASS, outcome.seen
