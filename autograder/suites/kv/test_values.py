"""Keys and values of every kind: many of them, long ones, and any text."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.kv.store import Clerk, Result, start

LIKE = ("key", "Key", "key ", " key", "key1", "key10", "key:1", "ke", "k\u0065\u0301y", "k\xe9y")
TEXTS = (
    *(
        "",
        " ",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\x1b",
        "\x7f",
        "\u2028",
        "\ufeff",
        "\\",
        "\\n",
        "\\u0000",
    ),
    *('"', "'", '{"type": "get"}', "[]", "null", "0", "None", "%s", "{}", "../x", "a/b", "a\0b"),
    *("\xe9", "e\u0301", "\xdf", "\u05d0", "\u4e2d", "\U0001f600", "\U0010ffff", "\ud7ff"),
)
MIB = 1 << 20
CLIENTS, KEYS = 4_000, 200
SETTLED = 4  # rounds after which a server has all the memory that so many requests at once need
VALUE = 1_000  # bytes
GROWTH = 128_000  # bytes: 40 for each client that comes later


@points(3)
async def test_keys_are_independent(cluster: Cluster) -> None:
    """Each of many keys, however alike, has a value and a version of its own."""
    store = await start(cluster, clerks=4)
    keys = [*LIKE, *(f"{n:03}" for n in range(50))]
    writers = {key: store.clerks[n % 4] for n, key in enumerate(keys)}
    puts = {key: 1 + n % 3 for n, key in enumerate(keys)}
    await asyncio.gather(
        *(put_all(c, puts, [k for k in keys if writers[k] is c]) for c in store.clerks)
    )
    for n, key in enumerate(keys):
        await store.clerks[-n % 4].must_get(key, f"{key} {puts[key] - 1}", puts[key])
    store.check()


async def put_all(clerk: Clerk, puts: dict[str, int], keys: list[str]) -> None:
    """Put every key so many times, in turns."""
    for version in range(3):
        for key in keys:
            if version < puts[key]:
                await clerk.must_put(key, f"{key} {version}", version)


@points(2)
async def test_any_text(cluster: Cluster) -> None:
    """Keys and values are any text: empty, with quotes and newlines and null, all of Unicode."""
    store = await start(cluster, clerks=2)
    one, two = store.clerks
    values = cluster.random.sample(TEXTS, len(TEXTS))
    for key, value in zip(TEXTS, values, strict=True):
        await one.must_put(key, value, 0)
    for key, value in zip(TEXTS, values, strict=True):
        await two.must_get(key, value, 1)
    store.check()


@points(2)
async def test_large_values(cluster: Cluster) -> None:
    """A value may have a MiB, also of what needs six bytes a character on the wire."""
    store = await start(cluster, clerks=2)
    one, two = store.clerks
    for version, piece in enumerate(("x", "\0", '"\n', "\U0001f600")):
        value = piece * (MIB // len(piece.encode()))
        await one.must_put("large", value, version, Result.DONE, Result.MAYBE)
        await two.must_get("large", value, version + 1)
    await one.must_put("k" * MIB, "v", 0)
    await two.must_get("k" * MIB, "v", 1)
    store.check()


@points(3)
async def test_memory_of_many_clients(cluster: Cluster) -> None:
    """The server keeps the last value of a key, and nothing else of however many clients."""
    store = await start(cluster, clerks=CLIENTS)
    before = 0
    for version, first in enumerate(range(0, CLIENTS, KEYS)):
        if version == SETTLED:
            before = cluster.memory(store.server)
        async with asyncio.TaskGroup() as group:
            for n, clerk in enumerate(store.clerks[first : first + KEYS]):
                group.create_task(clerk.must_put(f"{n}", f"{version:0{VALUE}}", version))
    grown = cluster.memory(store.server) - before
    assert grown <= GROWTH, (
        f"the server needs {grown / 1e3:.0f} kB more after {CLIENTS - SETTLED * KEYS:,} clients have put "
        f"{VALUE:,} bytes each under {KEYS} keys, and may need {GROWTH / 1e3:.0f}"
    )
