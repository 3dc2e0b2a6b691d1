"""What the cluster itself serves to locks and leases: a store that says Maybe, and a guarded resource."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.cluster import Cluster
from autograder.suites.lease.resource import Resource
from autograder.suites.lock.store import Answer, Store, always_maybe, unreliable
from autograder.verdict import Verdict
from labs.node import KeyDoesNotExist, MalformedRequest, PreconditionFailed, RPCError
from tests.helpers import run_on

MAYBE = 1001


def get(key: str) -> dict[str, Any]:
    return {"type": "get", "key": key}


def put(key: str, value: str, version: int) -> dict[str, Any]:
    return {"type": "put", "key": key, "value": value, "version": version}


def use(token: int, name: str = "a") -> dict[str, Any]:
    return {"type": "use", "name": name, "token": token}


async def error_of(cluster: Cluster, dest: str, body: Mapping[str, Any]) -> int | None:
    """The code of the error that answers a request; None if it is done."""
    try:
        await cluster.call(dest, dict(body), timeout=60.0)
    except RPCError as error:
        return error.code
    return None


@pytest.fixture
def check(tmp_path: Path) -> Callable[[Callable[[Cluster], Coroutine[Any, Any, None]]], None]:
    """Runs a coroutine on a cluster that has no nodes."""

    def run(test: Callable[[Cluster], Coroutine[Any, Any, None]]) -> None:
        outcome = run_on(tmp_path, test, host="inline")
        assert outcome.verdict is Verdict.PASS, outcome.seen

    return run


Check = Callable[[Callable[[Cluster], Coroutine[Any, Any, None]]], None]


def test_an_honest_store_is_a_versioned_store(check: Check) -> None:
    async def test(cluster: Cluster) -> None:
        store = Store(cluster).id
        assert await error_of(cluster, store, get("x")) == KeyDoesNotExist.code
        assert await error_of(cluster, store, put("x", "a", 1)) == KeyDoesNotExist.code
        assert await error_of(cluster, store, put("x", "a", 0)) is None
        assert await error_of(cluster, store, put("x", "b", 0)) == PreconditionFailed.code
        assert await error_of(cluster, store, put("x", "b", 1)) is None
        entry = await cluster.call(store, get("x"))
        assert (entry["value"], entry["version"]) == ("b", 2)

    check(test)


def test_a_store_says_maybe_where_a_clerk_might(check: Check) -> None:
    async def test(cluster: Cluster) -> None:
        store = Store(cluster, always_maybe).id
        assert await error_of(cluster, store, get("x")) == KeyDoesNotExist.code
        assert await error_of(cluster, store, put("x", "a", 3)) == KeyDoesNotExist.code
        assert await error_of(cluster, store, put("x", "a", 0)) == MAYBE
        assert await error_of(cluster, store, put("x", "b", 0)) == MAYBE
        entry = await cluster.call(store, get("x"))
        assert (entry["value"], entry["version"]) == ("a", 1)

    check(test)


def test_a_store_keeps_what_it_was_asked(check: Check) -> None:
    async def test(cluster: Cluster) -> None:
        store = Store(cluster)
        for body in (put("x", "a", 0), put("x", "b", 0), get("x")):
            await error_of(cluster, store.id, body)
        assert [asked.changed for asked in store.asked] == [True, False, False]
        assert [asked.doubtful for asked in store.asked] == [True, True, False]
        assert {asked.client for asked in store.asked} == {"test"}

    check(test)


def test_an_answer_may_be_late_though_the_put_is_done(check: Check) -> None:
    async def test(cluster: Cluster) -> None:
        store = Store(cluster, lambda asked: Answer(late=3.0))
        with pytest.raises(RPCError):
            await cluster.call(store.id, put("x", "a", 0), timeout=1.0)
        began = cluster.now
        entry = await cluster.call(store.id, get("x"))
        assert entry["version"] == 1
        assert 3.0 <= cluster.now - began < 3.1

    check(test)


def test_an_unreliable_store_says_maybe_now_and_then(check: Check) -> None:
    async def test(cluster: Cluster) -> None:
        store = Store(cluster, unreliable(cluster.random)).id
        errors = [await error_of(cluster, store, put("x", "a", n)) for n in range(60)]
        assert set(errors) == {None, MAYBE}
        assert 5 < errors.count(MAYBE) < 40

    check(test)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "get"},
        {"type": "put", "key": "x"},
        {"type": "put", "key": "x", "value": 1, "version": 0},
        {"type": "drop", "key": "x"},
    ],
)
def test_what_makes_no_sense_is_malformed_for_a_store(body: dict[str, Any], check: Check) -> None:
    async def test(cluster: Cluster) -> None:
        store = Store(cluster, always_maybe)
        assert await error_of(cluster, store.id, body) == MalformedRequest.code
        assert store.asked == []

    check(test)


def test_a_resource_refuses_tokens_below_the_highest(check: Check) -> None:
    async def test(cluster: Cluster) -> None:
        resource = Resource(cluster).id
        errors = [await error_of(cluster, resource, use(token)) for token in (3, 3, 7, 5, 7, 8)]
        assert errors == [None, None, None, PreconditionFailed.code, None, None]
        assert await error_of(cluster, resource, use(1, "b")) is None

    check(test)


def test_what_makes_no_sense_is_malformed_for_a_resource(check: Check) -> None:
    async def test(cluster: Cluster) -> None:
        resource = Resource(cluster).id
        for body in ({"type": "use", "name": "a"}, {**use(1), "token": "1"}, {"type": "lose"}):
            assert await error_of(cluster, resource, body) == MalformedRequest.code

    check(test)
