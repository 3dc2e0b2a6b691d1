"""Clients of a test: sessions in processes of their own, and the history of what they did."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from autograder.checkers.history import Operation
from autograder.cluster import Cluster
from autograder.cluster.sessions import SessionLost
from autograder.cluster.trace import Message
from autograder.run import Runner
from autograder.verdict import Verdict
from labs.node import PreconditionFailed, RPCError
from tests.helpers import run_on, runner, write_root

SERVER = """
from dataclasses import dataclass
import asyncio, time
from labs.node import Message, Node, PreconditionFailed, Request, handler

@dataclass(frozen=True)
class Count(Message):
    count: int

@dataclass(frozen=True)
class Add(Request[Count]):
    limit: int

class Counter(Node):
    count = 0

    @handler
    async def add(self, request: Add) -> Count:
        if self.count == request.limit:
            raise PreconditionFailed("enough")
        self.count += 1
        return Count(self.count)

class Clock(Node):
    async def main(self):
        began = time.monotonic()
        while True:
            await asyncio.sleep(1)
            passed = time.monotonic() - began
            print(round(time.time()) - 978307200, round(passed))
"""

CLIENT = """
import asyncio
from labs.node import RPCError
from labs.node.hosts.control import Response
from labs.node.hosts.sessions import NOTHING
from count.server import Add

made = 0

class Odd(RPCError):
    code = 1234

class Client:
    def __init__(self, node, server, limit=1000):
        global made
        made += 1
        self.node, self.server, self.limit, self.number = node, server, limit, made

    async def add(self):
        return (await self.node.call(self.server, Add(self.limit), timeout=60)).count

    async def who(self):
        return self.node.id, self.number

    async def odd(self):
        raise Odd("as you like")

    async def broken(self):
        return {}["k"]

    async def thing(self):
        return object()

    async def sleep(self, seconds):
        await asyncio.sleep(seconds)

    def plain(self):
        return 1

    async def leave(self):
        raise SystemExit(3)

    async def forge(self, number):
        self.node._wiring.host.respond(Response(number, NOTHING))
"""

COUNTER, CLOCK = "count/server.py:Counter", "count/server.py:Clock"
CLIENTS = "count/client.py:Client"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {"count/server.py": SERVER, "count/client.py": CLIENT}
    return write_root(tmp_path_factory.mktemp("root"), files)


@pytest.fixture(scope="module")
def nodes(root: Path) -> Iterator[Runner]:
    with runner(root) as made:
        yield made


def passes(nodes: Runner, test: object, seed: int = 1) -> None:
    outcome = nodes.run_once(test, seed)  # type: ignore[arg-type]
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)


HOSTS = (("process", "virtual"), ("inline", "virtual"), ("process", "wall"), ("thread", "wall"))


@pytest.mark.parametrize(("host", "clock"), HOSTS)
def test_operations_are_done_and_recorded_on_every_host(root: Path, host: str, clock: str) -> None:
    async def body(cluster: Cluster) -> None:
        server = await cluster.start(COUNTER)
        clients = await cluster.clients(3, CLIENTS, server=server.id, limit=2)
        counts = await asyncio.gather(
            *(client.invoke("add", type=int) for client in clients), return_exceptions=True
        )
        assert sorted(map(str, counts)) == ["1", "2", "enough"]
        history = list(cluster.history)
        assert sorted(operation.client for operation in history) == ["c1", "c2", "c3"]
        assert {(o.result, o.error) for o in history} == {(1, None), (2, None), (None, 22)}
        assert all(o.returned is not None and o.invoked < o.returned for o in history)

    outcome = run_on(root, body, host=host, clock=clock)
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)


def test_a_run_with_sessions_repeats_itself(nodes: Runner) -> None:
    seen: list[list[Operation]] = []

    async def body(cluster: Cluster) -> None:
        server = await cluster.start(COUNTER)
        clients = await cluster.clients(5, CLIENTS, server=server.id)
        await asyncio.gather(*(client.invoke("add") for client in clients * 3))
        seen.append(list(cluster.history))

    passes(nodes, body, 5)
    passes(nodes, body, 5)
    passes(nodes, body, 6)
    assert seen[0] == seen[1] != seen[2]


def test_sessions_share_a_process_and_are_apart_between_two(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        clients = await cluster.clients(4, CLIENTS, server="n1")
        who = [await client.invoke("who", type=tuple[str, int]) for client in clients]
        assert who == [("p1", 1), ("p2", 1), ("p1", 2), ("p2", 2)]
        own = await cluster.clients(2, CLIENTS, processes=2, server="n1")
        assert [await each.invoke("who", type=tuple[str, int]) for each in own] == [
            ("p3", 1),
            ("p4", 1),
        ]
        assert [each.id for each in own] == ["c5", "c6"]

    passes(nodes, body)


def test_an_error_reaches_the_test_with_its_code(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        server = await cluster.start(COUNTER)
        (client,) = await cluster.clients(1, CLIENTS, server=server.id, limit=0)
        with pytest.raises(PreconditionFailed, match="enough"):
            await client.invoke("add")
        with pytest.raises(RPCError, match="as you like") as raised:
            await client.invoke("odd")
        assert raised.value.code == 1234

    passes(nodes, body)


WRONG = {
    "broken": "count/client.py:29: KeyError: 'k'",
    "nothing": "Client has no nothing: write async def nothing",
    "plain": "Client.plain is no coroutine: write async def plain",
    "thing": "thing returned <object object at ",
    "who": "c1: Client.who returned",
}


@pytest.mark.parametrize("name", WRONG)
def test_an_operation_that_goes_wrong_is_the_submissions_fault(nodes: Runner, name: str) -> None:
    async def body(cluster: Cluster) -> None:
        (client,) = await cluster.clients(1, CLIENTS, server="n1")
        await client.invoke(name, type=int)

    outcome = nodes.run_once(body, 1)
    assert outcome.verdict is Verdict.FAIL
    assert WRONG[name] in outcome.seen


def test_options_that_do_not_fit_are_told(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        await cluster.clients(1, CLIENTS, sever="n1")

    outcome = nodes.run_once(body, 1)
    assert outcome.verdict is Verdict.FAIL
    assert "write __init__(self, node, sever) as in the handout" in outcome.seen


def test_a_response_that_nobody_awaits_is_refused(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        (client,) = await cluster.clients(1, CLIENTS, server="n1")
        await client.invoke("forge", 77)

    outcome = nodes.run_once(body, 1)
    assert outcome.verdict is Verdict.FAIL
    assert "a response to nothing" in outcome.seen


def test_a_client_that_ends_by_itself_is_at_fault(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        (client,) = await cluster.clients(1, CLIENTS, server="n1")
        await client.invoke("leave")

    outcome = nodes.run_once(body, 1)
    assert outcome.verdict is Verdict.FAIL
    assert "p1: ended by itself, with code 3" in outcome.seen
    assert "sys.exit(3) ended this node" in outcome.seen


def test_an_operation_of_a_killed_client_stays_open(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        client, other = await cluster.clients(2, CLIENTS, processes=2, server="n1")
        waiting = asyncio.ensure_future(client.invoke("sleep", 60))
        await asyncio.sleep(1)
        await cluster.crash(client.member)
        with pytest.raises(SessionLost):
            await waiting
        with pytest.raises(SessionLost):
            await client.invoke("who")
        await other.invoke("who")
        assert [(o.client, o.returned is None) for o in cluster.history] == [
            ("c1", True),
            ("c2", False),
        ]

    passes(nodes, body)


def test_an_operation_that_the_test_gives_up_stays_open(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        (client,) = await cluster.clients(1, CLIENTS, server="n1")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await client.invoke("sleep", 2)
        await asyncio.sleep(5)
        assert [operation.returned for operation in cluster.history] == [None]

    passes(nodes, body)


def test_an_endpoint_of_the_test_takes_messages_and_answers(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        def serve(message: Message) -> None:
            answer = {"type": "count", "count": 7, "in_reply_to": message.msg_id}
            line = msgspec.json.encode({"src": "store", "dest": message.src, "body": answer})
            cluster.network.send(cluster.engine.now, "store", msgspec.Raw(line))

        cluster.attach("store", serve)
        (client,) = await cluster.clients(1, CLIENTS, server="store")
        assert await client.invoke("add", type=int) == 7

    passes(nodes, body)


def test_a_slow_node_answers_late_and_can_be_killed_meanwhile(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        server = await cluster.start(COUNTER)
        (client,) = await cluster.clients(1, CLIENTS, server=server.id)
        took = []
        for seconds in (0.0, 2.0, 0.0):
            cluster.slow(server, seconds)
            began = cluster.now
            await client.invoke("add")
            took.append(cluster.now - began)
        assert took[0] < 0.01 < 0.05 < took[1] < 2.1
        assert took[2] < 0.01
        cluster.slow(server, 10.0)
        waiting = asyncio.ensure_future(client.invoke("add"))
        await asyncio.sleep(0.01)
        await cluster.crash(server)
        await asyncio.sleep(30)
        assert not waiting.done()
        waiting.cancel()

    passes(nodes, body)


@pytest.mark.parametrize("host", ["process", "inline"])
def test_a_calendar_jumps_and_the_timers_do_not_notice(root: Path, host: str) -> None:
    async def body(cluster: Cluster) -> None:
        clock = await cluster.start(CLOCK)
        await asyncio.sleep(1.5)
        cluster.jump_calendar(clock, 366 * 86_400)
        await asyncio.sleep(1)
        cluster.jump_calendar(clock, -366 * 86_400 - 1)
        await asyncio.sleep(1)
        assert clock.printed() == ["1 1", f"{366 * 86_400 + 2} 2", "2 3"]

    outcome = run_on(root, body, host=host)
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)


def test_the_memory_of_a_process_is_seen(nodes: Runner) -> None:
    async def body(cluster: Cluster) -> None:
        server = await cluster.start(COUNTER)
        before = cluster.memory(server)
        await cluster.clients(1, CLIENTS, processes=1, server="n1")
        assert 1 << 20 < before < 64 << 20
        (many,) = {s.member for s in await cluster.clients(20_000, CLIENTS, 1, server="n1")}
        assert cluster.memory(many) - before > 20_000 * 50

    passes(nodes, body)
