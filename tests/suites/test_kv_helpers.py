"""What the suites of the store, the lock and the lease say of submissions that go wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from autograder.cluster import Cluster
from autograder.run import Test
from autograder.suites.kv import store as kv
from autograder.suites.lease import holders
from autograder.suites.limits import within
from autograder.suites.lock import rooms
from autograder.suites.lock.store import Store
from autograder.suites.messages import First, is_reply, is_request
from autograder.verdict import Verdict
from tests.helpers import run_on, write_root

PROBE = """
import asyncio
from kv.messages import Get, Maybe
from labs.node import CallTimeout, Node, RPCError

class Clerk:
    def __init__(self, node: Node, server: str) -> None:
        self.node, self.server = node, server

    async def get(self, key):
        if key == "never":
            await asyncio.get_running_loop().create_future()
        if key == "flood":
            while True:
                try:
                    await self.node.call(self.server, Get(key))
                except RPCError:
                    pass
        if key == "number":
            return 7
        raise CallTimeout("no answer")

    async def put(self, key, value, version):
        raise Maybe("who knows")
"""
SERVER = """
from kv.messages import Get, GetOk
from labs.node import Node, handler

class KVServer(Node):
    @handler
    async def get(self, request: Get) -> GetOk:
        return GetOk("", 1)
"""
LOCK = """
import asyncio
from kv.messages import Maybe

class Lock:
    def __init__(self, clerk, name):
        self.name = name

    async def acquire(self):
        if self.name == "never":
            await asyncio.get_running_loop().create_future()
        if self.name == "maybe":
            raise Maybe("who knows")

    async def release(self):
        pass
"""
LEASE = """
class Lease:
    def __init__(self, clerk, name, seconds):
        pass

    async def acquire(self):
        return 7

    async def release(self):
        pass
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_root(
        tmp_path,
        {
            "kv/clerk.py": PROBE,
            "kv/server.py": SERVER,
            "lock/lock.py": LOCK,
            "lease/lease.py": LEASE,
        },
    )


def seen_on(root: Path, test: Test) -> str:
    """What a test saw that must fail."""
    outcome = run_on(root, test, host="inline")
    assert outcome.verdict is Verdict.FAIL, outcome.seen
    return outcome.seen


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("never", "not within 50 s: get('never') by c1 ends"),
        ("flood", "get('flood') by c1 has no end, and took "),
        ("number", "Clerk.get returned '7'"),
        (
            "x",
            "get('x') by c1 raised CallTimeout (no answer), which a get never does: a clerk asks",
        ),
    ],
)
def test_a_clerk_that_goes_wrong_is_told_how(key: str, said: str, root: Path) -> None:
    async def test(cluster: Cluster) -> None:
        await (await kv.start(cluster)).clerks[0].get(key)

    assert said in seen_on(root, test)


def test_a_wrong_result_of_a_put_is_told_with_the_right_one(root: Path) -> None:
    async def test(cluster: Cluster) -> None:
        store = await kv.start(cluster)
        await store.clerks[0].must_put("x", "a", 1, kv.Result.DONE, kv.Result.REFUSED)

    right = "right was: it was done or it raised PreconditionFailed"
    assert seen_on(root, test) == f"c1: put('x', 'a', 1) raised Maybe; {right}"


def test_two_in_a_room_are_named(root: Path) -> None:
    async def test(cluster: Cluster) -> None:
        party = await rooms.start(cluster, Store(cluster), clients=2)
        for client in party.clients:
            await party.enter(client, "a")
            await asyncio.sleep(1)

    assert "c2 got the lock 'a' at 1.0" in seen_on(root, test)


def test_who_waits_and_who_is_inside_is_said(root: Path) -> None:
    async def test(cluster: Cluster) -> None:
        party = await rooms.start(cluster, Store(cluster), clients=2)
        one, two = party.clients
        await party.enter(one, "a")
        await within(1, party.enter(two, "never"), party.who_waits)

    said = "not within 1 s: everyone is done; still waiting: c2 for 'never'; c1 has 'a'"
    assert seen_on(root, test) == said


def test_a_maybe_that_leaves_the_lock_is_named(root: Path) -> None:
    async def test(cluster: Cluster) -> None:
        party = await rooms.start(cluster, Store(cluster))
        await party.enter(party.clients[0], "maybe")

    assert "acquire of the lock 'maybe' raised Maybe (who knows) at c1" in seen_on(root, test)


def test_a_token_that_comes_twice_is_named(root: Path) -> None:
    async def test(cluster: Cluster) -> None:
        found = await holders.start(cluster, Store(cluster), clients=2)
        one, two = found.clients
        await found.acquire(one, "a")
        await found.release(one, "a")
        await found.acquire(two, "a")

    assert "c2 got token 7 at 0.000 s, and c1 had got token 7 at 0.000 s" in seen_on(root, test)


def test_the_first_messages_alone_are_struck(root: Path) -> None:
    async def test(cluster: Cluster) -> None:
        served = Store(cluster).id
        late = First(1, is_reply, delays=(2.0,))
        cluster.network.rule(late)
        with cluster.network.rule(First(2, is_request)):
            for _ in range(2):
                with pytest.raises(Exception, match="did not answer"):
                    await cluster.call(served, {"type": "get", "key": "x"}, timeout=1.0)
            with pytest.raises(Exception, match="no such key"):
                await cluster.call(served, {"type": "get", "key": "x"})
            assert 4.0 < cluster.now < 4.1
            assert late.reached.is_set()

    outcome = run_on(root, test, host="inline")
    assert outcome.verdict is Verdict.PASS, outcome.seen
