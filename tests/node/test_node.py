"""A node: its calls, its handlers, its tasks, and what it says when they fail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from labs.node import (
    CallTimeout,
    KeyDoesNotExist,
    MalformedRequest,
    Message,
    Mistake,
    Node,
    NotSupported,
    Request,
    RPCError,
    handler,
)
from labs.node.hosts.loop import SECOND
from tests.node.lone_node import Bench


@dataclass(frozen=True)
class PutOk(Message):
    version: int


@dataclass(frozen=True)
class Busy(Message):
    pass


@dataclass(frozen=True)
class Put(Request[PutOk | Busy]):
    key: str


@dataclass(frozen=True)
class Rumour(Message):
    text: str


class Server(Node):
    def __init__(self, first: int = 1) -> None:
        self.version = first
        self.heard: list[str] = []
        self.known = (self.id, self.peers, self.random.random(), self.disk.names())

    @handler
    async def put(self, request: Put) -> PutOk | Busy:
        if request.key == "missing":
            raise KeyDoesNotExist("no such key")
        if request.key == "own":
            raise RPCError("later", 1000)
        if request.key == "bug":
            raise ZeroDivisionError("oh")
        if request.key == "none":
            return None  # type: ignore[return-value]
        if request.key == "busy":
            return Busy()
        if request.key == "wrong":
            return PutOk("1")  # type: ignore[arg-type]
        if request.key == "slow":
            await asyncio.sleep(1)
        return PutOk(self.version)

    @handler
    async def rumour(self, message: Rumour) -> None:
        self.heard.append(message.text)


def reply(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"type": "put_ok", "in_reply_to": number, "version": 3, **fields}


# ---- calls ---------------------------------------------------------------------------------------


def test_a_node_knows_its_host_in_init() -> None:
    bench = Bench(Server, first=5)
    number = bench.random.random()
    assert bench.node.known[:2] == ("n1", ("n2", "n3"))
    assert 0 <= bench.node.known[2] < 1 != number
    assert (bench.node.known[3], bench.node.version) == ([], 5)


def test_a_call_returns_its_reply() -> None:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", Put("x")))
    assert bench.sent == [
        {"src": "n1", "dest": "n2", "body": {"type": "put", "msg_id": 1, "key": "x"}}
    ]
    assert not call.done()
    bench.deliver(reply())
    assert call.result() == PutOk(3)


def test_calls_are_told_apart_by_their_numbers() -> None:
    bench = Bench(Server)
    calls = [bench.start(bench.node.call("n2", Put(key))) for key in "abc"]
    for number in (3, 1, 2):
        bench.deliver(reply(number, version=number))
    assert [call.result().version for call in calls] == [1, 2, 3]


def test_a_reply_may_be_any_that_the_request_promises() -> None:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", Put("x")))
    bench.deliver({"type": "busy", "in_reply_to": 1})
    assert call.result() == Busy()


def test_a_call_times_out_after_a_second() -> None:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", Put("x")))
    bench.wait(0.999999)
    assert not call.done()
    bench.wait(0.000001)
    error = call.exception()
    assert (type(error), error.definite) == (CallTimeout, False)
    assert str(error) == "n2 did not answer 'put' within 1 s"


def test_a_timeout_can_be_chosen() -> None:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", Put("x"), timeout=0.25))
    bench.wait(0.25)
    assert "within 0.25 s" in str(call.exception())


def test_a_reply_in_time_stops_the_clock() -> None:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", Put("x")))
    bench.deliver(reply())
    bench.wait(5)
    assert call.result() == PutOk(3)
    assert bench.loop.next_timer() is None


@pytest.mark.parametrize("number", [1, 2, 10**30, -1])
def test_a_reply_that_nobody_waits_for_is_ignored(number: int) -> None:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", Put("x"), timeout=0.5))
    bench.wait(1)
    bench.deliver(reply(number))
    assert isinstance(call.exception(), CallTimeout)
    assert (len(bench.sent), bench.reports) == (1, [])


def test_the_second_copy_of_a_reply_is_ignored() -> None:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", Put("x")))
    for version in (1, 2):
        line = b'{"src":"n2","dest":"n1","body":{"type":"put_ok","in_reply_to":1,"version":%d}}'
        bench.loop.call_soon(bench.node._wiring.receive, line % version)
    bench.loop.run_ready()
    assert call.result() == PutOk(1)
    assert bench.reports == []


def test_a_cancelled_call_forgets_its_reply() -> None:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", Put("x")))
    call.cancel()
    bench.loop.run_ready()
    bench.deliver(reply())
    assert call.cancelled()
    assert bench.reports == []
    assert bench.loop.next_timer() is None


def fail(body: dict[str, Any]) -> Any:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", Put("x")))
    bench.deliver({"in_reply_to": 1, **body})
    assert bench.reports == []
    return call.exception()


def test_an_error_is_raised_as_what_it_is() -> None:
    error = fail({"type": "error", "code": 20, "text": "no x"})
    assert (type(error), error.text, error.definite) == (KeyDoesNotExist, "no x", True)


def test_an_error_of_the_program_s_own_is_raised_with_its_code() -> None:
    error = fail({"type": "error", "code": 1234, "text": "later"})
    assert (type(error), error.code, error.text, error.definite) == (RPCError, 1234, "later", False)


def test_an_error_needs_no_text() -> None:
    assert str(fail({"type": "error", "code": 11})) == ""


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"type": "put_ok"}, "'put_ok' from n2 does not fit its type: Object missing required"),
        ({"type": "put_ok", "version": "x"}, "Expected `int`, got `str` - at `$.version`"),
        ({"type": "get_ok"}, "n2 answered 'get_ok', expected was 'put_ok' or 'busy'"),
        ({"type": "error"}, "'error' from n2 does not fit its type: Object missing required"),
        ({"type": "error", "code": "x"}, "'error' from n2 does not fit its type"),
    ],
)
def test_a_reply_that_does_not_fit(body: dict[str, Any], sentence: str) -> None:
    error = fail(body)
    assert isinstance(error, MalformedRequest)
    assert sentence in str(error)


@pytest.mark.parametrize("body", [Rumour("x"), Put, {"type": "put"}, None])
def test_a_call_with_what_expects_no_reply(body: Any) -> None:
    bench = Bench(Server)
    call = bench.start(bench.node.call("n2", body))
    assert isinstance(call.exception(), Mistake)
    assert bench.sent == []


# ---- handlers ------------------------------------------------------------------------------------


def test_a_handler_answers() -> None:
    bench = Bench(Server, first=7)
    assert bench.ask({"type": "put", "msg_id": 9, "key": "x"}) == {
        "type": "put_ok",
        "in_reply_to": 9,
        "version": 7,
    }
    assert (bench.sent[0]["src"], bench.sent[0]["dest"]) == ("n1", "n2")


def test_handlers_run_side_by_side() -> None:
    bench = Bench(Server)
    for number, key in ((1, "slow"), (2, "x")):
        bench.deliver({"type": "put", "msg_id": number, "key": key})
    bench.wait(1)
    assert [message["body"]["in_reply_to"] for message in bench.sent] == [2, 1]


ERRORS = {
    "an RPCError": ("missing", 20, "no such key", ""),
    "an error of its own": ("own", 1000, "later", ""),
    "an exception": ("bug", 13, "ZeroDivisionError in n1", "oh"),
    "a reply of a wrong type": ("none", 13, "Mistake in n1", "returned None, and promises"),
    "a reply with a wrong field": ("wrong", 13, "Mistake in n1", "cannot be sent"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_handler_that_fails_answers_with_an_error(name: str) -> None:
    key, code, text, report = ERRORS[name]
    bench = Bench(Server)
    assert bench.ask({"type": "put", "msg_id": 9, "key": key}) == {
        "type": "error",
        "in_reply_to": 9,
        "code": code,
        "text": text,
    }
    assert len(bench.reports) == (1 if report else 0)
    assert all(report in str(problem) for problem in bench.reports)


def test_what_has_no_handler_is_not_supported() -> None:
    bench = Bench(Server)
    body = bench.ask({"type": "pot", "msg_id": 9})
    assert (body["code"], body["in_reply_to"]) == (10, 9)
    assert body["text"] == (
        "Server has no handler for 'pot': write @handler above an async def that takes it"
    )
    assert [type(problem) for problem in bench.reports] == [NotSupported]


def test_a_message_that_does_not_fit_is_malformed() -> None:
    bench = Bench(Server)
    body = bench.ask({"type": "put", "msg_id": 9, "key": 3})
    assert (body["code"], body["in_reply_to"]) == (12, 9)
    assert [type(problem) for problem in bench.reports] == [MalformedRequest]


@pytest.mark.parametrize("key", ["x", "missing", "bug", "busy"])
def test_a_message_without_msg_id_gets_no_answer(key: str) -> None:
    bench = Bench(Server)
    bench.deliver({"type": "put", "key": key})
    assert bench.sent == []


def test_a_handler_without_reply_sends_none() -> None:
    bench = Bench(Server)
    bench.deliver({"type": "rumour", "text": "hello"})
    bench.deliver({"type": "rumour", "msg_id": 1, "text": "again"})
    assert (bench.sent, bench.node.heard) == ([], ["hello", "again"])


def test_send_expects_nothing() -> None:
    bench = Bench(Server)
    bench.node.send("n3", Rumour("x"))
    assert bench.sent == [{"src": "n1", "dest": "n3", "body": {"type": "rumour", "text": "x"}}]
    assert bench.loop.next_timer() is None


def test_handlers_are_inherited_and_may_be_overridden() -> None:
    class Louder(Server):
        @handler
        async def rumour(self, message: Rumour) -> None:
            self.heard.append(message.text.upper())

    bench = Bench(Louder)
    bench.deliver({"type": "rumour", "text": "hello"})
    assert bench.node.heard == ["HELLO"]
    assert bench.ask({"type": "put", "msg_id": 1, "key": "x"})["type"] == "put_ok"


def test_a_stray_handler_is_told_once() -> None:
    @handler
    async def stray(self: Server, request: Put) -> PutOk:
        return PutOk(1)

    class Empty(Node):
        pass

    with pytest.raises(Mistake, match="no message reaches the handler stray, because it stands"):
        Bench(Empty)
    assert Bench(Empty).reports == []


# ---- tasks ---------------------------------------------------------------------------------------


def test_spawn_keeps_its_task_and_returns_it() -> None:
    bench = Bench(Server)

    async def work() -> int:
        await asyncio.sleep(1)
        return 5

    async def main() -> int:
        task = bench.node.spawn(work())
        assert task in bench.node._wiring.tasks
        return await task

    result = bench.start(main())
    bench.wait(1)
    assert result.result() == 5
    assert (bench.node._wiring.tasks, bench.reports) == (set(), [])


def test_spawn_reports_how_its_task_fails() -> None:
    bench = Bench(Server)

    async def work() -> None:
        raise ValueError("no")

    async def main() -> None:
        bench.node.spawn(work())

    bench.start(main())
    assert [str(problem) for problem in bench.reports] == ["no"]


def test_a_cancelled_task_is_no_failure() -> None:
    bench = Bench(Server)

    async def main() -> None:
        bench.node.spawn(asyncio.sleep(1)).cancel()

    bench.start(main())
    assert bench.reports == []


def test_main_by_default_never_ends() -> None:
    bench = Bench(Server)
    main = bench.start(bench.node.main())
    bench.wait(100)
    assert not main.done()
    assert bench.loop.now == 100 * SECOND
    main.cancel()
    bench.loop.run_ready()
