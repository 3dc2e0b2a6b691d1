"""The server over gRPC, and nodes that call it, in this process."""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from autograder.kv.root import Root
from labs.node import (
    CallTimeout,
    Crashed,
    KeyDoesNotExist,
    NotSupported,
    PreconditionFailed,
    RPCError,
)
from tests.kv.services import DEADLINE, asking, calling, loaded, make_root, messages, run, serving


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


@pytest.mark.parametrize("blocks", [False, True])
def test_a_handler_that_never_answers_does_not_keep_a_server_from_ending(
    tmp_path: Path, blocks: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is left of it, in whichever loop it waits."""
    waits = ("self.storage.put(", "await asyncio.Event().wait(); self.storage.put(")
    root = make_root(tmp_path / "root", {"storage/server.py": waits})
    with (root / "storage" / "server.py").open("a", encoding="utf-8") as file:
        file.write("\nimport asyncio\n")

    async def body(lab: Root) -> None:
        storage = "file" if blocks else "memory"
        async with serving(lab, tmp_path, storage) as address, calling(lab, address) as caller:
            put = asyncio.create_task(caller.call("server", make.put("k", "v", 0), DEADLINE))
            with pytest.raises(KeyDoesNotExist):
                await caller.call("server", make.get("k"), DEADLINE)
            assert not put.done()
            put.cancel()

    with loaded(root) as lab:
        make = messages(lab)
        run(body(lab))
    gc.collect()
    assert "destroyed" not in caplog.text


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
