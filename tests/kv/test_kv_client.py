"""A node that calls a server over gRPC."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from autograder.kv.root import Root
from labs.node import CallTimeout, Mistake
from tests.kv.services import DEADLINE, asking, calling, messages, run, served, serving


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
