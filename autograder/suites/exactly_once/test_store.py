"""What the store says while nothing fails."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.exactly_once.appends import unique
from autograder.suites.exactly_once.store import Clerk, each, start
from labs.node import CallTimeout, MalformedRequest, NotSupported, RPCError

# Keys that are not the same, although a program may take them for the same, or for no key at all.
KEYS = [
    "",
    " ",
    "a",
    "A",
    "a ",
    "a\n",
    "a\\n",
    "\0",
    '"',
    "é",
    "e\u0301",
    "😀",
    "None",
    "__class__",
]
KEYS += ["a" * 10_000, *map(str, range(40))]
WRONG = (
    {"type": "put", "key": "k", "value": None, "client": "mallory", "number": 1},
    {"type": "put", "key": 1, "value": "wrong", "client": "mallory", "number": 1},
    {"type": "append", "key": "k", "value": "wrong", "client": "mallory", "number": "1"},
    {"type": "append", "key": "k", "value": "wrong", "client": ["mallory"], "number": 1},
    {"type": "append", "key": "k", "value": "wrong", "number": 1},
    {"type": "delete", "key": "k", "client": "mallory", "number": 1},
)
REFUSED = (MalformedRequest.code, NotSupported.code)
FAR = 10**15  # the number of an operation


@points(3)
async def test_put_append_get(cluster: Cluster) -> None:
    """What one clerk puts and appends is what it gets; an append returns the value before it."""
    store = await start(cluster)
    clerk, chance = store.clerks[0], cluster.random
    await clerk.put("k", "a")
    await clerk.must_get("k", "a")
    await clerk.must_append("k", "b", old="a")
    await clerk.must_get("k", "ab")
    await clerk.put("k", "")
    await clerk.must_append("k", "c", old="")
    for n in range(30):
        operation = chance.choice([clerk.put, clerk.append])
        await operation(chance.choice("jk"), str(n))
        await clerk.get(chance.choice("jk"))
    await store.check()


@points(2)
async def test_absent_key(cluster: Cluster) -> None:
    """A key that nobody has set reads as the empty string, for an append too."""
    store = await start(cluster)
    (clerk,) = store.clerks
    await clerk.must_get("k", "")
    await clerk.must_append("k", "a", old="")
    await clerk.must_get("k", "a")
    await clerk.must_append("j", "", old="")
    await clerk.must_get("j", "")


@points(1)
async def test_many_keys(cluster: Cluster) -> None:
    """Keys and values may be any text; no key is taken for another."""
    store = await start(cluster)
    (clerk,) = store.clerks
    for key in KEYS:
        await clerk.put(key, f"the value of {key}")
        await clerk.must_append(key, key, old=f"the value of {key}")
    for key in KEYS:
        await clerk.must_get(key, f"the value of {key}{key}")


@points(3)
async def test_same_again(cluster: Cluster) -> None:
    """A clerk that asks for the same again asks for another operation."""
    store = await start(cluster, 2)
    ours, other = store.clerks
    await ours.put("k", "a")
    await other.put("k", "b")
    await ours.put("k", "a")
    await other.must_get("k", "a")
    for n in range(4):
        await ours.must_append("k", "a", old="a" + "a" * n)
    await other.must_append("k", "a", old="aaaaa")
    await ours.must_get("k", "aaaaaa")


@points(4)
async def test_concurrent_clerks(cluster: Cluster) -> None:
    """Clerks that work at the same time, each on a key of its own and all on one, do each other no harm."""
    store = await start(cluster, 5)

    async def work(clerk: Clerk) -> None:
        for n in range(12):
            await clerk.append(clerk.id, unique(clerk.id, n))
            await clerk.append("all", unique(clerk.id, n))
            await clerk.get(cluster.random.choice([clerk.id, "all"]))

    await each(store.clerks, work)
    await store.check("all", *(clerk.id for clerk in store.clerks))


@points(1)
async def test_strange_requests(cluster: Cluster) -> None:
    """A request that is none, or has a number far ahead of all others, does no harm."""
    store = await start(cluster)
    (clerk,) = store.clerks
    await clerk.put("k", "a")
    for body in WRONG:
        code = await code_of(cluster.call(store.server, body))
        assert code in REFUSED, f"the server took {body} for a request"
    for number in (FAR, 1, FAR - 1):
        body = {"type": "append", "key": "j", "value": "", "client": "mallory", "number": number}
        code = await code_of(cluster.call(store.server, body))
        assert code != CallTimeout.code, f"the server did not answer {body}"
    await clerk.must_append("k", "b", old="a")
    await clerk.must_get("k", "ab")


async def code_of(call: Awaitable[Any]) -> int | None:
    """The code of the error that a call is answered with; None if it is none."""
    try:
        await call
    except RPCError as error:
        return error.code
    return None
