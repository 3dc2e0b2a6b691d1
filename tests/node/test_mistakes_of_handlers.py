"""What students get wrong in handlers and tasks: how they are written, and how they fail."""

from __future__ import annotations

import pytest

from autograder.run import Runner
from tests.node.mistakes import FILE, body, evidence, main, must_end_the_test, server

SIGNATURES = {
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
}

FAILURES = {
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

FAULTS = {**SIGNATURES, **FAILURES}


@pytest.mark.parametrize("name", FAULTS)
def test_a_mistake_ends_the_test_with_one_sentence(session: Runner, name: str) -> None:
    must_end_the_test(session, FAULTS[name])


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
