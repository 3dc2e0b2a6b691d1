"""The storage in LMDB: what it does when its file is damaged or full, and that it runs inside a node."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from autograder.cluster import Cluster
from autograder.kv.root import BACKENDS
from autograder.run import Outcome
from autograder.suites.storage.in_node import APPS
from autograder.verdict import Verdict
from labs.node import RPCError, Unavailable
from tests.helpers import run_on
from tests.storage.backends import SOLUTIONS, open_on

FILE = "store.mdb"
DAMAGED, FAILED = 1003, 1002


def filled(folder: Path) -> bytes:
    """The file of a database that was closed, with a few entries."""
    storage = open_on("lmdb", folder)
    for n in range(20):
        storage.put(f"key {n}", f"value {n} " * 50, 0)
    storage.close()
    return (folder / FILE).read_bytes()


def error_of(folder: Path) -> RPCError:
    """What is raised as a database is opened, or read to its end."""
    with pytest.raises(RPCError) as caught:
        list(open_on("lmdb", folder).items())
    return caught.value


def test_it_takes_little_room_for_its_size(tmp_path: Path) -> None:
    filled(tmp_path)
    status = os.stat(tmp_path / FILE)
    assert status.st_size == 1 << 27
    assert status.st_blocks * 512 < 1 << 20


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "short": lambda content: content[: 1 << 14],
    "cut": lambda content: content[:-1],
    "no database": lambda content: b"\0" * len(content),
    "text": lambda content: b"text" * (len(content) // 4),
    "a value": lambda content: content.replace(b"value 7", b"value 8"),
    "a key": lambda content: content.replace(b"key 7", b"key 8"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_reported_and_left_as_it_is(name: str, tmp_path: Path) -> None:
    damaged = DAMAGES[name](filled(tmp_path))
    (tmp_path / FILE).write_bytes(damaged)
    error = error_of(tmp_path)
    assert error.code == DAMAGED
    assert FILE in error.text
    assert (tmp_path / FILE).read_bytes() == damaged


def test_a_damaged_file_keeps_no_lock(tmp_path: Path) -> None:
    content = filled(tmp_path)
    (tmp_path / FILE).write_bytes(content[:5000])
    assert error_of(tmp_path).code == DAMAGED
    (tmp_path / FILE).write_bytes(content)
    assert open_on("lmdb", tmp_path).get("key 7").version == 1


def test_a_file_that_was_being_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "store.new").write_bytes(b"half")
    filled(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, "store.mdb.lock"]


def test_a_full_database_is_unavailable_and_keeps_what_it_has(tmp_path: Path) -> None:
    storage = open_on("lmdb", tmp_path)
    storage.put("small", "one", 0)
    large = "x" * (40 << 20)
    for n in range(3):
        storage.put(f"large {n}", large, 0)
    with pytest.raises(Unavailable, match="nothing was stored"):
        storage.put("one too many", large, 0)
    storage.put("small", "two", 1)
    storage.close()
    storage = open_on("lmdb", tmp_path)
    assert tuple(storage.get("small")) == ("two", 2)
    assert [key for key, _ in storage.items()] == ["large 0", "large 1", "large 2", "small"]


def test_keys_of_every_length_keep_their_order(tmp_path: Path) -> None:
    storage, random = open_on("lmdb", tmp_path), Random(1)
    lengths = [*range(470, 490), 0, 1, 1000]
    keys = {"".join(random.choice("aü\U0001f984") for _ in range(n // 2)) for n in lengths}
    keys |= {"x" * n for n in lengths} | {"x" * n + random.choice("aü") for n in lengths}
    for key in keys:
        storage.put(key, key, 0)
    assert [key for key, _ in storage.items()] == sorted(keys)
    assert [key for key, _ in storage.items("x" * 480)] == sorted(
        key for key in keys if key.startswith("x" * 480)
    )


def test_items_are_those_of_the_call(tmp_path: Path) -> None:
    storage = open_on("lmdb", tmp_path)
    storage.put("a", "one", 0)
    items = storage.items()
    storage.put("a", "two", 1)
    storage.put("b", "one", 0)
    assert [(key, tuple(entry)) for key, entry in items] == [("a", ("one", 1))]


# ---- in a node -----------------------------------------------------------------------------------


def use_in_a_node(cluster_clock: str) -> Outcome:
    options: dict[str, Any] = {"storage": {"$class": BACKENDS["lmdb"]}}

    async def test(cluster: Cluster) -> None:
        cluster.shares_folder = True
        server = await cluster.start("storage/server.py:StorageServer", **options)
        [clerk] = await cluster.clients(1, f"{APPS}/clerk.py:Clerk", server=server.id)
        for version in range(20):
            await clerk.invoke("put", "k", f"value {version}", version, type=None)
            if version % 5 == 4:
                await cluster.crash(server)
                await cluster.restart(server)
        found = await clerk.invoke("get", "k", type=tuple[str, int])
        assert found == ("value 19", 20), f"in the end there is {found}"

    return run_on(SOLUTIONS, test, clock=cluster_clock)


@pytest.mark.parametrize("clock", ["virtual", "wall"])
def test_it_runs_in_a_node_within_its_limits_and_survives_kills(clock: str) -> None:
    outcome = use_in_a_node(clock)
    assert outcome.verdict is Verdict.PASS, outcome.seen
