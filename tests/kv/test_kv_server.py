"""The server over gRPC, and nodes that call it, in this process."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.kv.root import Root, Unusable
from labs.node import (
    CallTimeout,
    Crashed,
    KeyDoesNotExist,
    Mistake,
    NotSupported,
    PreconditionFailed,
    RPCError,
)
from tests.helpers import write_root
from tests.kv.services import DEADLINE, asking, calling, loaded, make_root, run, served, serving

GATED = """
import threading
from storage.memory import MemoryStorage

class Gated(MemoryStorage):
    entered, gate = threading.Event(), threading.Event()

    def put(self, key, value, version):
        if value == "late":
            self.entered.set()
            assert self.gate.wait(60)
        super().put(key, value, version)

class Hangs(MemoryStorage):
    def __init__(self, disk):
        super().__init__(disk)
        self.fifo = disk.folder + "/fifo"

    def put(self, key, value, version):
        open(self.fifo, "w").close()
        threading.Event().wait()

class Watched(MemoryStorage):
    threads = []

    def __init__(self, disk):
        super().__init__(disk)
        self.note("init")

    def note(self, what):
        self.threads.append((what, threading.current_thread().name))

    def get(self, key):
        self.note("get")
        return super().get(key)

    def put(self, key, value, version):
        self.note("put")
        super().put(key, value, version)

    def close(self):
        self.note("close")

class Fails(MemoryStorage):
    def put(self, key, value, version):
        from storage.storage import StorageFailed
        raise StorageFailed("the disk says nothing any more: " + "水" * 100_000)

class Breaks(MemoryStorage):
    def put(self, key, value, version):
        raise ZeroDivisionError

class Unfit:
    get = put = 7

    def get(self, key):
        return key

class Refuses(MemoryStorage):
    def __init__(self, disk):
        from storage.storage import StorageDamaged
        raise StorageDamaged("store.json is damaged")
"""


@pytest.fixture
def lab() -> Iterator[Root]:
    with loaded() as lab:
        yield lab


@pytest.fixture
def backends(tmp_path: Path) -> str:
    write_root(tmp_path, {"backends.py": GATED})
    return f"{tmp_path}/backends.py"


@pytest.mark.parametrize("storage", [None, "memory", "file", "lmdb"])
def test_the_clerk_runs_unchanged(lab: Root, tmp_path: Path, storage: str | None) -> None:
    async def body() -> None:
        async with serving(lab, tmp_path, storage) as address, asking(lab, address) as clerk:
            with pytest.raises(KeyDoesNotExist):
                await clerk.get("k")
            await clerk.put("k", "v", 0)
            assert await clerk.get("k") == ("v", 1)
            with pytest.raises(PreconditionFailed):
                await clerk.put("k", "w", 0)
            await clerk.put("k", "w", 1)
            assert await clerk.get("k") == ("w", 2)

    run(body())


@pytest.mark.parametrize("key", ["", "水", "\0", "\n", "a" * 1_000, "é", "e\u0301"])
def test_any_text_is_a_key_and_a_value(lab: Root, tmp_path: Path, key: str) -> None:
    async def body() -> None:
        async with serving(lab, tmp_path) as address, asking(lab, address) as clerk:
            await clerk.put(key, key, 0)
            assert await clerk.get(key) == (key, 1)

    run(body())


def test_a_value_may_be_of_ten_mebibytes(lab: Root, tmp_path: Path) -> None:
    async def body() -> None:
        value = "\N{SNOWMAN}" * (10 << 20)
        async with serving(lab, tmp_path) as address, calling(lab, address) as caller:
            await caller.call("server", make.put("k", value, 0), DEADLINE)
            assert await caller.call("server", make.get("k"), DEADLINE) == make.got(value, 1)

    make = messages(lab)
    run(body())


def test_many_clients_at_once_lose_no_increment(lab: Root, tmp_path: Path) -> None:
    async def increment(clerk: Any) -> None:
        for _ in range(10):
            while True:
                value, version = await clerk.get("n")
                try:
                    await clerk.put("n", str(int(value) + 1), version)
                    break
                except PreconditionFailed:
                    continue

    async def body() -> None:
        async with serving(lab, tmp_path, "file") as address, asking(lab, address) as clerk:
            await clerk.put("n", "0", 0)
            await asyncio.gather(*(increment(clerk) for _ in range(5)))
            assert await clerk.get("n") == ("50", 51)

    run(body())


def test_a_storage_that_blocks_does_not_stop_the_server(
    lab: Root, tmp_path: Path, backends: str
) -> None:
    """The loop of the server, which is this test's own, goes on while a put hangs."""

    async def body() -> None:
        async with (
            serving(lab, tmp_path, f"{backends}:Gated") as address,
            calling(lab, address) as caller,
        ):
            gated = sys.modules["file_backends"].Gated
            put = asyncio.create_task(caller.call("server", make.put("k", "late", 0), DEADLINE))
            assert await asyncio.to_thread(gated.entered.wait, DEADLINE)
            with pytest.raises(CallTimeout):
                await caller.call("server", make.get("k"), timeout=0.1)
            put.cancel()
            gated.gate.set()
            # The put that nobody awaits any more is done to its end, and what came later after it.
            assert await caller.call("server", make.get("k"), DEADLINE) == make.got("late", 1)

    make = messages(lab)
    run(body())


def test_a_caller_that_gives_up_cuts_no_handler_short(tmp_path: Path) -> None:
    waits = "global entered; entered.set(); await gate.wait()\n        entry = self"
    root = make_root(
        tmp_path / "root",
        {"kv/server.py": ("entry = self", waits)},
    )
    server = root / "kv" / "server.py"
    events = "\nimport asyncio\nentered, gate = asyncio.Event(), asyncio.Event()\n"
    server.write_text(server.read_text(encoding="utf-8") + events, encoding="utf-8")

    async def body(lab: Root) -> None:
        async with serving(lab, tmp_path) as address, calling(lab, address) as caller:
            module = sys.modules["kv.server"]
            put = asyncio.create_task(caller.call("server", make.put("k", "v", 0), DEADLINE))
            await module.entered.wait()
            put.cancel()
            await asyncio.wait([put])
            with pytest.raises(KeyDoesNotExist):
                await caller.call("server", make.get("k"), DEADLINE)
            module.gate.set()
            assert await caller.call("server", make.get("k"), DEADLINE) == make.got("v", 1)

    with loaded(root) as lab:
        make = messages(lab)
        run(body(lab))


def test_a_storage_lives_in_one_thread_from_its_making_to_its_close(
    lab: Root, tmp_path: Path, backends: str
) -> None:
    async def body() -> None:
        async with (
            serving(lab, tmp_path, f"{backends}:Watched") as address,
            asking(lab, address) as clerk,
        ):
            await clerk.put("k", "v", 0)
            await clerk.get("k")

    before = threading.active_count()
    run(body())
    assert sys.modules["file_backends"].Watched.threads == [
        (what, "node") for what in ("init", "put", "get", "close")
    ]
    assert threading.active_count() <= before + 1  # gRPC's own poller stays


def test_what_is_in_memory_needs_no_thread(lab: Root) -> None:
    assert not lab.store(None).blocks
    assert not lab.store("memory").blocks
    assert lab.store("file").blocks


def test_errors_of_a_storage_arrive_as_they_are(lab: Root, tmp_path: Path, backends: str) -> None:
    """However long their text is: gRPC would make another error of it, and a definite one."""

    async def body() -> None:
        async with (
            serving(lab, tmp_path, f"{backends}:Fails") as address,
            asking(lab, address) as clerk,
        ):
            with pytest.raises(RPCError) as caught:
                await clerk.put("k", "v", 0)
            assert (caught.value.code, caught.value.definite) == (1002, False)
            assert caught.value.text.startswith("the disk says nothing any more: 水水水")

    run(body())


def test_a_handler_that_crashes_is_reported_and_answered(
    lab: Root, tmp_path: Path, backends: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def body() -> None:
        async with (
            serving(lab, tmp_path, f"{backends}:Breaks") as address,
            asking(lab, address) as clerk,
        ):
            with pytest.raises(Crashed, match="ZeroDivisionError in server"):
                await clerk.put("k", "v", 0)

    run(body())
    assert re.search(r"backends\.py:\d+: ZeroDivisionError", caplog.text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("return PutOk()", "return None", "the handler put returned None, and promises PutOk"),
        ("GetOk(request.value, version + 1)", "GetOk(7, version + 1)", "GetOk.* cannot be sent"),
        ("GetOk(request.value, version + 1)", "GetOk('v', 1 << 70)", "GetOk.* cannot be sent"),
    ],
)
def test_a_reply_that_does_not_fit_is_the_servers_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, old: str, new: str, said: str
) -> None:
    async def body(lab: Root) -> None:
        async with serving(lab, tmp_path) as address, asking(lab, address) as clerk:
            with pytest.raises(Crashed):  # noqa: PT012 - whichever of the two it is
                await clerk.put("k", "v", 0)
                await clerk.get("k")

    with loaded(make_root(tmp_path / "root", {"kv/server.py": (old, new)})) as lab:
        run(body(lab))
    assert re.search(rf"kv/server\.py:\d+: .*{said}", caplog.text)


def test_a_server_without_a_handler_says_so(tmp_path: Path) -> None:
    handlers = ("    @handler\n    async def put", "    async def put")

    async def body(lab: Root) -> None:
        async with serving(lab, tmp_path) as address, asking(lab, address) as clerk:
            with pytest.raises(NotSupported, match="KVServer has no handler for 'put'"):
                await clerk.put("k", "v", 0)

    with loaded(make_root(tmp_path / "root", {"kv/server.py": handlers})) as lab:
        run(body(lab))


def test_a_storage_that_refuses_its_folder_ends_the_server(
    lab: Root, tmp_path: Path, backends: str
) -> None:
    async def body() -> None:
        with pytest.raises(RPCError, match=r"store\.json is damaged"):
            async with serving(lab, tmp_path, f"{backends}:Refuses"):
                pass

    before = threading.active_count()
    run(body())
    assert threading.active_count() <= before + 1


def test_a_server_that_cannot_be_reached_is_one_that_does_not_answer(lab: Root) -> None:
    """Not earlier than after the timeout: a clerk that is answered at once would ask at once."""

    async def body() -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        async with calling(lab, address) as caller:
            loop = asyncio.get_running_loop()
            began = loop.time()
            with pytest.raises(CallTimeout):
                await caller.call("server", make.get("k"), timeout=0.3)
            assert loop.time() - began >= 0.29

    make = messages(lab)
    run(body())


def test_a_server_that_dies_under_a_call_is_one_that_does_not_answer(
    lab: Root, tmp_path: Path, backends: str
) -> None:
    os.mkfifo(tmp_path / "fifo")

    async def body() -> None:
        with served("--storage", f"{backends}:Hangs", "--folder", tmp_path) as (process, address):
            async with calling(lab, address) as caller:
                call = caller.call("server", make.put("k", "v", 0), timeout=3)
                put = asyncio.create_task(call)
                await asyncio.to_thread((tmp_path / "fifo").read_bytes)
                process.kill()
                with pytest.raises(CallTimeout):
                    await put

    make = messages(lab)
    run(body())


def test_what_cannot_be_sent_is_a_mistake(lab: Root, tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(lab, tmp_path) as address, calling(lab, address) as caller:
            for request in (make.get("\ud800"), make.get(7), make.put("k", "v", 1 << 70)):
                with pytest.raises(Mistake, match="cannot be sent"):
                    await caller.call("server", request)
            with pytest.raises(Mistake, match=r"kv\.proto has no GetOk"):
                await caller.call("server", make.got("v", 1))

    make = messages(lab)
    run(body())


def messages(lab: Root) -> SimpleNamespace:
    """The messages of the root that is loaded."""
    get, put = lab.methods
    return SimpleNamespace(get=get.request, put=put.request, got=get.reply)


@pytest.mark.parametrize(
    ("storage", "sentence"),
    [
        ("cloud", "there is no storage 'cloud': choose memory, file, lmdb, or write FILE.py:Class"),
        ("no.py:Storage", "there is no file no.py"),
        ("BACKENDS:Nothing", "there is no Nothing in this file"),
        ("BACKENDS:threading", "is no class: a backend is one"),
        ("BACKENDS:Unfit", "is no backend: it has no method put, items, close"),
        ("BACKENDS:", "there is no storage"),
        ("BROKEN:Storage", "broken.py:1: SyntaxError"),
    ],
)
def test_what_is_no_backend_is_refused(
    lab: Root, tmp_path: Path, backends: str, storage: str, sentence: str
) -> None:
    write_root(tmp_path, {"broken.py": "class\n"})
    place = storage.replace("BACKENDS", backends).replace("BROKEN", f"{tmp_path}/broken.py")
    with pytest.raises(Unusable, match=re.escape(sentence)):
        lab.store(place)
