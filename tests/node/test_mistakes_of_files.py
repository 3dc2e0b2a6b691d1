"""What students get wrong in a file as a whole: its syntax, imports and node classes."""

from __future__ import annotations

import asyncio

import pytest

from autograder.cluster import Cluster
from autograder.run import Runner
from tests.helpers import write_root
from tests.node.mistakes import FILE, IMPORTS, MESSAGES, SERVER, must_end_the_test, server, whole

FAULTS = {
    "a class that is no node": server(
        """
        class Server:  # here
            pass
        """,
        "{}: Server is no Node: write class Server(Node)",
    ),
    "a function in place of a class": server(
        "def Server(): pass", "lab/server.py: Server is no Node: write class Server(Node)"
    ),
    "a misspelt class": server(
        "class Sever(Node): pass",
        "lab/server.py: there is no Server in this file: rename Sever",
    ),
    "an __init__ that wants more": server(
        """
        class Server(Node):
            def __init__(self, size):  # here
                pass
        """,
        "{}: missing a required argument: 'size': write __init__(self) as in the handout",
    ),
    "an exception in __init__": server(
        """
        class Server(Node):
            def __init__(self):
                self.data = {}["x"]  # here
        """,
        "{}: KeyError: 'x'",
    ),
    "a syntax error": whole(
        "\nclass Server(Node)  # here\n    pass", "{}: SyntaxError: expected ':'"
    ),
    "a wrong indentation": whole(
        "\ndef f():\npass  # here",
        "{}: IndentationError: expected an indented block after function definition on line 9",
    ),
    "a null byte": whole("\0", "lab/server.py: source code string cannot contain null bytes"),
    "an unknown package": whole(
        "import numpy  # here",
        "{}: No module named 'numpy': a node can import Python's own modules, labs.node, and the "
        "files of the labs",
    ),
    "the autograder": whole(
        "import autograder  # here", "{}: No module named 'autograder': a node"
    ),
    "a file of the lab by its bare name": whole(
        "import sibling  # here", "{}: No module named 'sibling': write from lab import sibling"
    ),
    "a name that a file lacks": whole(
        "from lab.sibling import Thing  # here",
        "{}: ImportError: cannot import name 'Thing' from 'lab.sibling' (lab/sibling.py)",
    ),
    "asyncio.run at the end of the file": server(
        SERVER + "asyncio.run(Server().main())  # here",
        "{}: a node's event loop runs already: write await instead of asyncio.run",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_mistake_ends_the_test_with_one_sentence(session: Runner, name: str) -> None:
    must_end_the_test(session, FAULTS[name])


# ---- what is no mistake --------------------------------------------------------------------------


async def greet(cluster: Cluster) -> None:
    """The server answers, and nothing is said about it."""
    node = await cluster.start(f"{FILE}:Server", id="n1")
    reply = await cluster.call(node, {"type": "ping", "text": "hello"}, timeout=5)
    assert reply["text"] == "hello"
    await asyncio.sleep(1)
    assert node.log == []


FINE = {
    "two node classes in one file": SERVER + SERVER.replace("Server", "Other"),
    "a handler of a mixin": """
class Mixin:
    @handler
    async def ping(self, request: Ping) -> Pong:
        return Pong(request.text)

class Server(Mixin, Node):
    pass
""",
    "a handler that a subclass overrides": SERVER.replace("Server", "Base")
    + """
class Server(Base):
    @handler
    async def ping(self, request: Ping) -> Pong:
        return await super().ping(request)
""",
    "names that the library might use": SERVER
    + """
    def __init__(self):
        self._tasks = self._calls = self._handlers = self._host = self._receive = None

    def _serve(self): ...
    def _handle(self): ...
    def _finish(self): ...
    def _resolve(self): ...
""",
    "a task spawned in __init__": """
class Server(Node):
    def __init__(self):
        self.text = asyncio.get_running_loop().create_future()
        self.spawn(self.work())

    async def work(self):
        self.text.set_result("hello")

    @handler
    async def ping(self, request: Ping) -> Pong:
        return Pong(await self.text)
""",
    "annotations that are text": SERVER.replace("Ping)", '"Ping")').replace("Pong:", '"Pong":'),
}


@pytest.mark.parametrize("name", FINE)
def test_what_is_right_is_left_alone(session: Runner, name: str) -> None:
    write_root(session.settings.root, {FILE: IMPORTS + MESSAGES + FINE[name]})
    assert session.run_once(greet, 1).seen == ""
