"""What students get wrong in messages: their classes, and how they are sent."""

from __future__ import annotations

from textwrap import dedent

import pytest

from autograder.run import Runner
from tests.node.mistakes import (
    MESSAGES,
    SERVER,
    Case,
    body,
    main,
    must_be_shown,
    must_end_the_test,
    whole,
)


def message(code: str, sentence: str, name: str = "Ping", reply: str = "None") -> Case:
    """A message class of its own, and a server that takes it."""
    taker = SERVER.replace("Ping", name).replace("-> Pong", f"-> {reply}")
    return whole(dedent(code) + taker, sentence)


CLASSES = {
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
    "a call without a time": main(
        "await self.call('n1', Ping(''), timeout=0)  # here",
        "{}: call(..., timeout=0): write the seconds to wait, more than 0",
    ),
    "a call that waits for ever": main(
        "await self.call('n1', Ping(''), timeout=float('inf'))  # here",
        "{}: call(..., timeout=inf): write the seconds to wait, more than 0",
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
}

FAULTS = {**CLASSES, **CALLS}


@pytest.mark.parametrize("name", FAULTS)
def test_a_mistake_ends_the_test_with_one_sentence(session: Runner, name: str) -> None:
    must_end_the_test(session, FAULTS[name])


@pytest.mark.parametrize("name", ADVICE)
def test_an_advice_is_shown_when_the_test_fails(session: Runner, name: str) -> None:
    must_be_shown(session, ADVICE[name])
