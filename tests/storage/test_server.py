"""The server over a storage: whose errors are its answers, and what blocks while its storage works."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from autograder.cluster import Cluster
from autograder.cluster.member import Member
from autograder.run import Test
from autograder.verdict import Verdict
from labs.node import KeyDoesNotExist, PreconditionFailed, RPCError, Unavailable
from tests.helpers import run_on, write_root
from tests.storage.backends import SOLUTIONS

FILES = {
    "moody.py": '''
        from labs.node import Unavailable
        from storage.memory import MemoryStorage
        from storage.storage import StorageDamaged, StorageFailed

        class Moody(MemoryStorage):
            """Fails as its key says."""

            def put(self, key, value, version):
                if key == "full":
                    raise Unavailable("no room")
                if key == "broken":
                    raise StorageFailed("nobody knows")
                if key == "bug":
                    raise OSError("input/output error")
                super().put(key, value, version)

        class Damaged(MemoryStorage):
            """Cannot be made."""

            def __init__(self, disk):
                raise StorageDamaged("store.json is no JSON")
    ''',
    "slow.py": '''
        import asyncio
        import time
        from dataclasses import dataclass
        from kv.messages import Put, PutOk
        from labs.node import Message, Request, handler
        from storage.memory import MemoryStorage
        from storage.server import StorageServer

        @dataclass(frozen=True)
        class PingOk(Message):
            most: int

        @dataclass(frozen=True)
        class Ping(Request[PingOk]):
            """Asks how many puts were in the storage at once."""

        class Slow(MemoryStorage):
            """Blocks for a while in each put."""

            now = most = 0

            def put(self, key, value, version):
                self.now += 1
                self.most = max(self.most, self.now)
                time.sleep(0.5)
                super().put(key, value, version)
                self.now -= 1

        class Direct(StorageServer):
            """Calls its storage where it is."""

            @handler
            async def ping(self, request: Ping) -> PingOk:
                return PingOk(self.storage.most)

        class Threaded(Direct):
            """Calls its storage by `asyncio.to_thread`, without a lock."""

            @handler
            async def put(self, request: Put) -> PutOk:
                await asyncio.to_thread(self.storage.put, request.key, request.value, request.version)
                return PutOk()
    ''',
}


def judge(test: Test, root: Path = SOLUTIONS, clock: str = "virtual") -> tuple[Verdict, str]:
    outcome = run_on(root, test, clock=clock)
    return outcome.verdict, outcome.seen


def put(key: str, version: int = 0) -> dict[str, Any]:
    return {"type": "put", "key": key, "value": "x", "version": version}


async def start(cluster: Cluster, root: Path, server: str, storage: str) -> Member:
    program = server if server.startswith("storage/") else f"{root}/{server}"
    return await cluster.start(program, storage={"$class": f"{root}/{storage}"})


ERRORS: list[tuple[dict[str, Any], int, bool]] = [
    (put("full"), Unavailable.code, True),
    (put("broken"), 1002, False),
    (put("k", 3), KeyDoesNotExist.code, True),
    ({"type": "get", "key": "k"}, KeyDoesNotExist.code, True),
    (put("there", 2), PreconditionFailed.code, True),
]


@pytest.mark.parametrize(("request_", "code", "definite"), ERRORS)
def test_errors_of_the_storage_are_the_answers(
    request_: dict[str, Any], code: int, definite: bool, tmp_path: Path
) -> None:
    root = write_root(tmp_path, FILES)

    async def test(cluster: Cluster) -> None:
        server = await start(cluster, root, "storage/server.py:StorageServer", "moody.py:Moody")
        await cluster.call(server, put("there"))
        with pytest.raises(RPCError) as caught:
            await cluster.call(server, request_)
        assert (caught.value.code, caught.value.definite) == (code, definite)

    assert judge(test, root) == (Verdict.PASS, "")


def test_what_else_a_storage_raises_is_its_fault(tmp_path: Path) -> None:
    root = write_root(tmp_path, FILES)

    async def test(cluster: Cluster) -> None:
        server = await start(cluster, root, "storage/server.py:StorageServer", "moody.py:Moody")
        await cluster.call(server, put("bug"))

    verdict, seen = judge(test, root)
    assert verdict is Verdict.FAIL
    assert "OSError: input/output error" in seen
    assert "moody.py" in seen


def test_a_server_with_a_damaged_storage_ends_and_says_why(tmp_path: Path) -> None:
    root = write_root(tmp_path, FILES)

    async def test(cluster: Cluster) -> None:
        server = await start(cluster, root, "storage/server.py:StorageServer", "moody.py:Damaged")
        await cluster.ended(server, within=1)
        assert server.fate is not None
        assert server.fate.code == 1
        assert "store.json is no JSON" in server.printed("advice")[0]

    assert judge(test, root) == (Verdict.PASS, "")


def test_an_option_that_names_no_class_is_refused() -> None:
    async def test(cluster: Cluster) -> None:
        storage = {"$class": "storage/file.py:Nobody"}
        await cluster.start("storage/server.py:StorageServer", storage=storage)

    verdict, seen = judge(test)
    assert verdict is Verdict.FAIL
    assert "there is no Nobody in this file" in seen


# ---- what blocks ---------------------------------------------------------------------------------


def block(root: Path, server: str, clock: str) -> tuple[float, int]:
    """How long a request waits that needs no storage, and how many puts were in the storage at once."""
    found: list[tuple[float, int]] = []

    async def test(cluster: Cluster) -> None:
        member = await start(cluster, root, f"slow.py:{server}", "slow.py:Slow")
        puts = [asyncio.create_task(cluster.call(member, put(key))) for key in "abc"]
        await asyncio.sleep(0.1)
        began = cluster.now
        await cluster.call(member, {"type": "ping"})
        waited = cluster.now - began
        await asyncio.gather(*puts)
        found.append((waited, (await cluster.call(member, {"type": "ping"}))["most"]))

    assert judge(test, root, clock) == (Verdict.PASS, "")
    return found[0]


def test_a_storage_that_is_called_directly_holds_up_the_node(tmp_path: Path) -> None:
    root = write_root(tmp_path, FILES)
    for clock in ("virtual", "wall"):
        waited, most = block(root, "Direct", clock)
        assert waited > 0.3
        assert most == 1


def test_to_thread_frees_a_real_node_alone_and_needs_a_lock_there(tmp_path: Path) -> None:
    root = write_root(tmp_path, FILES)
    waited, most = block(root, "Threaded", "virtual")
    assert waited > 0.3
    assert most == 1
    waited, most = block(root, "Threaded", "wall")
    assert waited < 0.3
    assert most == 3
