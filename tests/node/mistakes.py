"""Files with a mistake in them, and what a student reads who has made it."""

from __future__ import annotations

import asyncio
from textwrap import dedent
from typing import NamedTuple

from autograder.cluster import Cluster
from autograder.run import Runner
from autograder.verdict import Verdict
from labs.node import RPCError
from tests.helpers import write_root

IMPORTS = """
import asyncio
import os
import sys
import time
from dataclasses import dataclass
from labs.node import *
"""
MESSAGES = """
@dataclass(frozen=True)
class Pong(Message):
    text: str

@dataclass(frozen=True)
class Ping(Request[Pong]):
    text: str
"""
SERVER = """
class Server(Node):
    @handler
    async def ping(self, request: Ping) -> Pong:
        return Pong(request.text)
"""
HERE = "# here"  # ends the line that a sentence must name
FILE = "lab/server.py"


class Case(NamedTuple):
    """A file with a mistake, and the sentence that it gets."""

    code: str
    sentence: str


def whole(code: str, sentence: str) -> Case:
    """A file as it stands, below the imports."""
    return Case(IMPORTS + dedent(code), sentence)


def server(code: str, sentence: str) -> Case:
    """A file that also has the messages."""
    return whole(MESSAGES + dedent(code), sentence)


def body(code: str, sentence: str) -> Case:
    """What the handler does."""
    lines = [" " * 8 + line for line in dedent(code).strip().splitlines()]
    head = "class Server(Node):\n    @handler\n    async def ping(self, request: Ping) -> Pong:"
    return server("\n".join([head, *lines, "        return Pong(request.text)", ""]), sentence)


def main(code: str, sentence: str) -> Case:
    """What `main` does."""
    lines = [" " * 8 + line for line in dedent(code).strip().splitlines()]
    return server("\n".join(["class Server(Node):", "    async def main(self):", *lines]), sentence)


async def provoke(cluster: Cluster) -> None:
    """Start the server, ask it something, and give it time."""
    node = await cluster.start(f"{FILE}:Server", id="n1")
    try:
        await cluster.call(node, {"type": "ping", "text": "hello"}, timeout=5)
    except RPCError:
        pass
    await asyncio.sleep(10)
    raise AssertionError("nothing ended the test")


def evidence(session: Runner, case: Case) -> list[str]:
    """The lines that a student reads who has made a mistake."""
    write_root(session.settings.root, {FILE: case.code, "lab/sibling.py": ""})
    outcome = session.run_once(provoke, 1)
    assert outcome.verdict is Verdict.FAIL
    return outcome.seen.splitlines()


def expected(case: Case) -> str:
    """The sentence, with the places of the mistake in it."""
    lines = enumerate(case.code.splitlines(), 1)
    places = [f"{FILE}:{number}" for number, line in lines if line.endswith(HERE)]
    return case.sentence.format(*places)


def must_end_the_test(session: Runner, case: Case) -> None:
    """The mistake ends the test, and its sentence is said once."""
    first, *rest = evidence(session, case)
    sentence = expected(case)
    assert first.startswith(f"n1: {sentence}")
    assert not any(sentence in line for line in rest)


def must_be_shown(session: Runner, case: Case) -> None:
    """The mistake does not end the test, and its sentence stands once in the log."""
    first, *rest = evidence(session, case)
    assert first == "nothing ended the test"
    assert sum(line.endswith(expected(case)) for line in rest) == 1
