"""What students get wrong: each mistake gets one sentence that names file, line and remedy."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from textwrap import dedent
from typing import NamedTuple

import pytest

from autograder.cluster import Cluster
from autograder.cluster.hosts import process, watch
from autograder.run import Runner
from autograder.verdict import Verdict
from labs.node import RPCError
from tests.helpers import runner, write_root

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


def message(code: str, sentence: str, name: str = "Ping", reply: str = "None") -> Case:
    """A message class of its own, and a server that takes it."""
    taker = SERVER.replace("Ping", name).replace("-> Pong", f"-> {reply}")
    return whole(dedent(code) + taker, sentence)


def body(code: str, sentence: str) -> Case:
    """What the handler does."""
    lines = [" " * 8 + line for line in dedent(code).strip().splitlines()]
    head = "class Server(Node):\n    @handler\n    async def ping(self, request: Ping) -> Pong:"
    return server("\n".join([head, *lines, "        return Pong(request.text)", ""]), sentence)


def main(code: str, sentence: str) -> Case:
    """What `main` does."""
    lines = [" " * 8 + line for line in dedent(code).strip().splitlines()]
    return server("\n".join(["class Server(Node):", "    async def main(self):", *lines]), sentence)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with runner(write_root(tmp_path_factory.mktemp("root"), {})) as made:
        yield made


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


CLASSES = {
    "a handler that is not async": server(
        """
        class Server(Node):
            @handler  # here
            def ping(self, request: Ping) -> Pong:
                return Pong(request.text)
        """,
        "{}: the handler ping is no coroutine: write async def ping",
    ),
    "a handler that yields": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: Ping) -> Pong:
                yield Pong(request.text)
        """,
        "{}: the handler ping yields: let it return its one reply",
    ),
    "a handler without an argument": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self) -> Pong:
                return Pong("")
        """,
        "{}: the handler ping must take self and one message: "
        "write async def ping(self, request: TheMessage)",
    ),
    "a handler without self": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(request: Ping) -> Pong:
                return Pong("")
        """,
        "{}: the handler ping must take self and one message: "
        "write async def ping(self, request: TheMessage)",
    ),
    "an argument without annotation": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request) -> Pong:
                return Pong("")
        """,
        "{}: the handler ping does not say which message it takes: write request: TheMessage",
    ),
    "a reply without annotation": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: Ping):
                return Pong("")
        """,
        "{}: the handler ping does not say what it returns: write -> Pong",
    ),
    "an annotation that nobody defined": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: "Pin") -> Pong:
                return Pong("")
        """,
        "{}: the handler ping has an annotation that means nothing: name 'Pin' is not defined. "
        "Import or define it above",
    ),
    "an annotation that is no message": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: str) -> Pong:
                return Pong("")
        """,
        "{}: the handler ping has a wrong annotation: str is no message: "
        "derive it from Message or Request[TheReply]",
    ),
    "another reply than the message promises": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: Ping) -> Ping:
                return request
        """,
        "{}: the handler ping returns Ping, and its message promises Pong: change one of the two",
    ),
    "two handlers for one message": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: Ping) -> Pong:
                return Pong("")

            @handler  # here
            async def other(self, request: Ping) -> Pong:
                return Pong("")
        """,
        "{1}: other is a second handler for 'ping'; the first is ping at {0}: keep one of the two",
    ),
    "two handlers of one name": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: Ping) -> Pong:
                return Pong("")

            async def ping(self):
                pass
        """,
        "{}: no message reaches the handler ping, because Server defines that name again below: "
        "rename one of the two",
    ),
    "a handler outside the class": server(
        """
        class Server(Node):
            pass

        @handler  # here
        async def ping(self, request: Ping) -> Pong:
            return Pong("")
        """,
        "{}: no message reaches the handler ping, because it stands in no Node class: "
        "move it into the body of Server",
    ),
    "a decorator above another": server(
        """
        class Server(Node):
            @handler  # here
            @staticmethod
            async def ping(request: Ping) -> Pong:
                return Pong("")
        """,
        "{}: @handler belongs directly above an async def, not above <staticmethod(",
    ),
    "a message that is not frozen": message(
        """
        @dataclass  # here
        class Ping(Message):
            text: str
        """,
        "{}: Ping must be a frozen dataclass: write @dataclass(frozen=True) above it",
    ),
    "a message that is no dataclass": message(
        """
        class Ping(Message):  # here
            text: str
        """,
        "{}: Ping must be a frozen dataclass: write @dataclass(frozen=True) above it",
    ),
    "a message that inherits being a dataclass": message(
        MESSAGES
        + """
class Loud(Ping):  # here
    volume: int
""",
        "{}: Loud must be a frozen dataclass: write @dataclass(frozen=True) above it",
        name="Loud",
        reply="Pong",
    ),
    "a message that derives from nothing": message(
        """
        @dataclass(frozen=True)  # here
        class Ping:
            text: str
        """,
        "{}: Ping is no message: derive it from Message or Request[TheReply]",
    ),
    "a request that names no reply": message(
        """
        @dataclass(frozen=True)  # here
        class Ping(Request):
            text: str
        """,
        "{}: Ping names no reply: write class Ping(Request[TheReply])",
    ),
    "a request that names its reply too early": message(
        """
        @dataclass(frozen=True)  # here
        class Ping(Request["Pong"]):
            text: str

        @dataclass(frozen=True)
        class Pong(Message):
            text: str
        """,
        "{}: define Pong above, and write Request[Pong]",
        reply="Pong",
    ),
    "a field named msg_id": message(
        """
        @dataclass(frozen=True)  # here
        class Ping(Message):
            msg_id: int
        """,
        "{}: Ping has a field 'msg_id', which the protocol uses itself: rename it",
    ),
    "a message named Error": message(
        """
        @dataclass(frozen=True)  # here
        class Error(Message):
            text: str
        """,
        "{}: a message named Error is one of the protocol's own: rename it",
        name="Error",
    ),
    "a field that JSON cannot carry": message(
        """
        @dataclass(frozen=True)  # here
        class Ping(Message):
            text: list[int] | set[int]
        """,
        "{}: Ping has a field that JSON cannot carry: Type unions may not contain",
    ),
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

CALLS = {
    "a call without await": body(
        "self.call('n2', Ping(''))  # here",
        "{}: self.call() was never awaited, so it never ran: write await in front of it",
    ),
    "a sleep without await": body(
        "asyncio.sleep(1)  # here",
        "{}: sleep() was never awaited, so it never ran: write await in front of it",
    ),
    "a call with a dict": main(
        "await self.call('n1', {'type': 'ping'})  # here",
        "{}: call('n1', {{'type': 'ping'}}) sends what is no message: "
        "derive its class from Request[TheReply]",
    ),
    "a call with a class": main(
        "await self.call('n1', Ping)  # here",
        "{}: call('n1', <class 'lab.server.Ping'>) sends a class: write Ping(...), with its fields",
    ),
    "a call that nobody answers": main(
        "await self.call('n1', Pong('x'))  # here",
        "{}: call('n1', Pong(text='x')) expects no reply: use send, or derive the message from "
        "Request[TheReply]",
    ),
    "a send of a str": main(
        "self.send('n1', 'hello')  # here",
        "{}: str is no message: derive it from Message or Request[TheReply]",
    ),
    "a send to nobody": main(
        "self.send(None, Ping(''))  # here",
        "{}: None is no node: write its name, which is a str",
    ),
    "a field of a wrong type": main(
        "await self.call('n1', Ping(3))  # here",
        "{}: Ping(text=3) cannot be sent: Expected `str`, got `int` - at `$.text`",
    ),
    "a field that is no data": main(
        "await self.call('n1', Ping(len))  # here",
        "{}: Ping(text=<built-in function len>) cannot be sent: Encoding objects of type "
        "builtin_function_or_method is unsupported",
    ),
    "a field that is not Unicode": main(
        "await self.call('n1', Ping('\\ud800'))  # here",
        "{}: Ping(text='\\ud800') cannot be sent: 'utf-8' codec can't encode character",
    ),
}

HANDLERS = {
    "an exception in a handler": body("1 / 0  # here", "{}: ZeroDivisionError: division by zero"),
    "an exception that cannot be shown": body(
        """
        class Bad(Exception):
            def __str__(self): return 1 / 0
        raise Bad  # here
        """,
        "{}: Bad: its text cannot be shown",
    ),
    "a reply forgotten": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: Ping) -> Pong:
                Pong(request.text)
        """,
        "{}: the handler ping returned None, and promises Pong: return that, or raise an RPCError",
    ),
    "a reply that is a str": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: Ping) -> Pong:
                return request.text
        """,
        "{}: the handler ping returned 'hello', and promises Pong: "
        "return that, or raise an RPCError",
    ),
    "a reply with a wrong field": server(
        """
        class Server(Node):
            @handler  # here
            async def ping(self, request: Ping) -> Pong:
                return Pong(None)
        """,
        "{}: Pong(text=None) cannot be sent: Expected `str`, got `null` - at `$.text`",
    ),
    "an exception in main": main("raise ValueError('no')  # here", "{}: ValueError: no"),
    "an exception in a spawned task": main(
        """
        async def work():
            raise ValueError('no')  # here
        self.spawn(work())
        await asyncio.sleep(1)
        """,
        "{}: ValueError: no",
    ),
    "an exception in a task that nobody awaits": main(
        """
        async def work():
            raise ValueError('no')  # here
        asyncio.create_task(work())
        await asyncio.sleep(1)
        """,
        "{}: ValueError: no",
    ),
    "an exception in a group of tasks": main(
        """
        async def work():
            raise ValueError('no')  # here
        async with asyncio.TaskGroup() as group:
            group.create_task(work())
        """,
        "{}: ValueError: no",
    ),
    "a task that nobody keeps": main(
        """
        import gc
        async def work():  # here
            await asyncio.get_running_loop().create_future()
        asyncio.create_task(work())
        await asyncio.sleep(1)
        gc.collect()
        await asyncio.sleep(1)
        """,
        "{}: the task work() vanished while it waited: start it with self.spawn",
    ),
    "endless recursion": main(
        """
        def again():
            again()  # here
        again()
        """,
        "{}: RecursionError: maximum recursion depth exceeded",
    ),
}

THREADS = "a node has one thread, and this starts another: use self.spawn(coroutine)"
PROCESSES = "a node is one process, and this starts another: do the work in it"
SOCKETS = "a node opens no sockets: nodes talk by self.call and self.send"

SYSTEM = {
    "a thread": body(
        """
        import threading
        threading.Thread(target=print).start()  # here
        """,
        "{}: " + THREADS,
    ),
    "a pool of threads": body(
        """
        from concurrent.futures import ThreadPoolExecutor
        ThreadPoolExecutor().submit(print)  # here
        """,
        "{}: " + THREADS,
    ),
    "subprocess": body(
        """
        import subprocess
        subprocess.run(["true"])  # here
        """,
        "{}: " + PROCESSES,
    ),
    "asyncio's subprocess": body(
        "await asyncio.create_subprocess_exec('true')  # here", "{}: " + PROCESSES
    ),
    "multiprocessing": body(
        """
        import multiprocessing
        multiprocessing.get_context("fork").Process(target=print).start()  # here
        """,
        "{}: " + PROCESSES,
    ),
    "os.fork": body("os.fork()  # here", "{}: " + PROCESSES),
    "os.system": body("os.system('true')  # here", "{}: " + PROCESSES),
    "a socket": body(
        """
        import socket
        socket.create_connection(("127.0.0.1", 9))  # here
        """,
        "{}: " + SOCKETS,
    ),
    "a server of asyncio": body(
        "await asyncio.start_server(print, '127.0.0.1', 0)  # here", "{}: " + SOCKETS
    ),
    "asyncio.run": body(
        "asyncio.run(asyncio.sleep(1))  # here",
        "{}: a node's event loop runs already: write await instead of asyncio.run",
    ),
    "run_until_complete": body(
        "asyncio.get_running_loop().run_until_complete(asyncio.sleep(1))  # here",
        "{}: a node's event loop runs already: write await instead",
    ),
    "a signal handler": body(
        "asyncio.get_running_loop().add_signal_handler(15, print)  # here",
        "{}: no signals reach a node: it ends when its main returns",
    ),
    "input": body(
        "input('name? ')  # here",
        "{}: input() needs a terminal: a node learns from messages alone",
    ),
    "breakpoint": body(
        "breakpoint()  # here",
        "{}: breakpoint() needs a terminal: run with --host inline",
    ),
    "a loop that polls": main(
        """
        while True:
            await asyncio.sleep(0)  # here
        """,
        "{}: a loop that awaits nothing that takes time: write await asyncio.sleep(0.01) in it, "
        "or wait for an asyncio.Event",
    ),
    "a loop that polls in a spawned task": main(
        """
        async def poll():
            while not self.peers:
                await asyncio.sleep(0)  # here
        self.spawn(poll())
        await asyncio.sleep(1)
        """,
        "{}: a loop that awaits nothing that takes time: write await asyncio.sleep(0.01) in it",
    ),
}


ADVICE = {
    "a node that is not there": main(
        "await self.call('n9', Ping(''))  # here",
        "{}: CallTimeout: n9 did not answer 'ping' within 1 s",
    ),
    "a message without handler": main(
        "await self.call('n1', Ping('x'))  # here",
        "{}: NotSupported: Server has no handler for 'ping': "
        "write @handler above an async def that takes it",
    ),
    "sys.exit in a handler": body("sys.exit(3)  # here", "{}: sys.exit(3) ended this node"),
    "time.sleep": body(
        "time.sleep(1)  # here",
        "{}: time.sleep holds up the whole node: write await asyncio.sleep instead",
    ),
}
FAULTS = {**CLASSES, **CALLS, **HANDLERS, **SYSTEM}


@pytest.mark.parametrize("name", FAULTS)
def test_a_mistake_ends_the_test_with_one_sentence(session: Runner, name: str) -> None:
    first, *rest = evidence(session, FAULTS[name])
    sentence = expected(FAULTS[name])
    assert first.startswith(f"n1: {sentence}")
    assert not any(sentence in line for line in rest)


@pytest.mark.parametrize("name", ADVICE)
def test_an_advice_is_shown_when_the_test_fails(session: Runner, name: str) -> None:
    first, *rest = evidence(session, ADVICE[name])
    assert first == "nothing ended the test"
    assert sum(line.endswith(expected(ADVICE[name])) for line in rest) == 1


# ---- programs that do not come back --------------------------------------------------------------

COMPUTES = "{}: computed for over 0.3 s without a pause: it spins, or needs an await"
BLOCKS = "{}: blocked for over 0.3 s on something that is not a message: use await"
STUCK = {
    "a loop without await": (
        main(
            """
            await asyncio.sleep(1)
            while True: pass  # here
            """,
            COMPUTES,
        ),
        "CPU_LIMIT",
    ),
    "a lock that is never released": (
        main(
            """
            import threading
            lock = threading.Lock()
            lock.acquire()
            await asyncio.sleep(1)
            lock.acquire()  # here
            """,
            BLOCKS,
        ),
        "IDLE_LIMIT",
    ),
    "a read of a pipe": (
        main(
            """
            await asyncio.sleep(1)
            os.read(os.pipe()[0], 1)  # here
            """,
            BLOCKS,
        ),
        "IDLE_LIMIT",
    ),
}


@pytest.mark.parametrize("name", STUCK)
def test_a_program_that_is_stuck_is_told_where(
    session: Runner, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    case, limit = STUCK[name]
    monkeypatch.setattr(process, "PATIENCE", 0.05)
    monkeypatch.setattr(watch, limit, 0.3)
    first, *rest = evidence(session, case)
    assert first == f"n1: {expected(case)}"
    assert rest[0] == "Traceback (most recent call last):"
    assert rest[1].startswith(f'  File "{FILE}", line ')


def test_a_blocked_loop_is_told_by_the_clock_on_the_wall(session: Runner) -> None:
    case = body(
        "time.sleep(0.4)  # here",
        "{}: holds up the whole node for over 0.25 s: await something that takes so long",
    )
    write_root(session.settings.root, {FILE: case.code})
    logs = []

    async def ask(cluster: Cluster) -> None:
        node = await cluster.start(f"{FILE}:Server", id="n1")
        await cluster.call(node, {"type": "ping", "text": "hello"}, timeout=5)
        logs.append(node.printed("advice"))

    with runner(session.settings.root, clock="wall") as made:
        assert made.run_once(ask, 1).seen == ""
    assert logs == [[expected(case)]]


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


def test_advice_is_not_lost_among_what_a_node_prints(session: Runner) -> None:
    case = body("time.sleep(1); [print(n) for n in range(99)]  # here", "{}: time.sleep holds up")
    lines = evidence(session, case)
    assert sum(expected(case) in line for line in lines) == 1
    assert sum(line.endswith(" 98") for line in lines) == 1
    assert not any(line.endswith(" 50") for line in lines)


def test_a_traceback_starts_in_the_student_s_file(session: Runner) -> None:
    case = body(
        """
        import json
        try:
            json.loads("{")
        except ValueError as error:
            raise RuntimeError("no") from error
        """,
        "",
    )
    lines = evidence(session, case)
    starts = [lines[n + 1] for n, line in enumerate(lines) if line.startswith("Traceback")]
    assert [start.split(",")[0] for start in starts] == [f'  File "{FILE}"'] * 2
    assert not any("node/" in line or "/lib/" in line for line in lines)
