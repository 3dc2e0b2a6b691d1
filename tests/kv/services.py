"""What the tests of the service share: roots that are loaded for a while, servers, clerks, processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from autograder.catalog import REPOSITORY
from autograder.kv.client import Caller, open_channel
from autograder.kv.loss import Dice
from autograder.kv.root import Root
from autograder.kv.server import Server, SilentHost
from labs.node.hosts import load
from labs.node.node import create

T = TypeVar("T")
SOLUTIONS = REPOSITORY / "solutions"
COMMAND = [sys.executable, "-m", "autograder", "kv"]
DEADLINE = 60.0  # seconds after which something hangs, on the busiest machine
PATIENT = {"kv/clerk.py": ("FIRST_TIMEOUT = 0.1", f"FIRST_TIMEOUT = {DEADLINE}")}
LABS = ("kv", "storage")


@contextmanager
def loaded(root: Path = SOLUTIONS) -> Iterator[Root]:
    """The store of a root, loaded into this process for a while."""
    outer = load.set_aside()
    try:
        yield Root(root)
    finally:
        load.put_back(outer)


def run(body: Coroutine[Any, Any, T]) -> T:
    async def timed() -> T:
        async with asyncio.timeout(DEADLINE):
            return await body

    return asyncio.run(timed())


@asynccontextmanager
async def serving(
    lab: Root, folder: Path, storage: str | None = None, dice: Dice | None = None
) -> AsyncIterator[str]:
    """The address of a server in this process."""
    server = Server(lab.store(storage), lab.methods, SilentHost("server", folder), dice)
    listening = asyncio.Event()
    life = asyncio.create_task(server.run("127.0.0.1:0", lambda _: listening.set()))
    life.add_done_callback(lambda _: listening.set())
    await listening.wait()
    if life.done():
        await life
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        life.cancel()
        await asyncio.wait([life])


@asynccontextmanager
async def calling(
    lab: Root, address: str, interceptors: Sequence[Any] = ()
) -> AsyncIterator[Caller]:
    """A node that calls a server."""
    async with open_channel(address, interceptors) as channel:
        yield create(Caller, SilentHost("client"), {"channel": channel, "methods": lab.methods})


@asynccontextmanager
async def asking(lab: Root, address: str, interceptors: Sequence[Any] = ()) -> AsyncIterator[Any]:
    """A clerk of the root's, so patient that a busy machine does not make it ask twice."""
    async with calling(lab, address, interceptors) as caller:
        made = lab.clerk_class()(caller, "server")
        sys.modules["kv.clerk"].FIRST_TIMEOUT = DEADLINE  # type: ignore[attr-defined]
        yield made


def messages(lab: Root) -> SimpleNamespace:
    """The messages of the root that is loaded."""
    get, put = lab.methods
    return SimpleNamespace(get=get.request, put=put.request, got=get.reply)


def make_root(folder: Path, changes: Mapping[str, tuple[str, str]]) -> Path:
    """A root with the reference, in whose files one text each is replaced by another."""
    for lab in LABS:
        (folder / lab).mkdir(parents=True)
        for file in (SOLUTIONS / lab).glob("*.py"):
            old, new = changes.get(f"{lab}/{file.name}", ("", ""))
            text = file.read_text(encoding="utf-8")
            assert old in text, file
            changed = text.replace(old, new, 1) if old else text
            (folder / lab / file.name).write_text(changed, encoding="utf-8")
    return folder


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own, killed in the end."""
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def served(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`autograder kv serve` with these options, and its address."""
    with started("serve", "--listen", "127.0.0.1:0", *arguments) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("the server listens on 127.0.0.1:"), process.communicate()
        yield process, said.split()[-1]
