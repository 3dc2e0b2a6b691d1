"""The server under stress: `autograder kv serve`, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, NamedTuple

from grpc.aio import AioRpcError

from autograder.catalog import REPOSITORY
from autograder.kv.client import open_channel
from autograder.kv.loss import Losses
from autograder.kv.wire import generated, kv_pb2

COMMAND = [sys.executable, "-m", "autograder", "kv", "serve", "--until-stdin-ends"]
SAID = 5  # different lines of what a server said that are kept
PATIENCE = 30.0  # seconds for a server to start, or to say what it has lost


class Serving(NamedTuple):
    """What to serve."""

    root: Path
    storage: str | None
    folder: Path
    loss: float = 0.0
    seed: int = 1

    def arguments(self) -> list[str]:
        """The same for the command."""
        given = {"root": self.root, "folder": self.folder, "loss": self.loss, "seed": self.seed}
        storage = {} if self.storage is None else {"storage": self.storage}
        named = {**given, **storage, "listen": "127.0.0.1:0"}
        return [f"--{name}={value}" for name, value in named.items()]


class ServerFailed(Exception):
    """The server did not start, or ended by itself; says how, in one sentence."""

    def __init__(self, text: str, exit_code: int | None) -> None:
        super().__init__(text)
        self.exit_code = exit_code


class ServerProcess:
    """A running server."""

    def __init__(self, process: Process, log: IO[bytes], address: str) -> None:
        self.address = address
        self._process = process
        self._log = log

    async def losses(self) -> Losses:
        """What it has lost so far. One that was not told to lose does not know."""
        async with open_channel(self.address) as channel:
            try:
                count = generated.LossStub(channel).Count
                reply = await count(kv_pb2.CountRequest(), timeout=PATIENCE)
            except AioRpcError:
                return Losses()
        return Losses(reply.requests, reply.replies)

    async def watch(self) -> None:
        """Raise `ServerFailed` when it ends by itself."""
        code = await self._process.wait()
        raise ServerFailed(f"the server ended with exit code {code}: {self.said()}", code)

    def said(self) -> str:
        """What it has written to standard error, every line once."""
        self._log.seek(0)
        lines = dict.fromkeys(self._log.read().decode(errors="replace").splitlines())
        return "; ".join([*lines][:SAID])

    async def kill(self) -> None:
        """End it by SIGKILL."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()


@asynccontextmanager
async def running(serving: Serving) -> AsyncIterator[ServerProcess]:
    """A server, killed in the end; also by the end of this process, whatever ends that.

    Raises `ServerFailed` if it does not start.
    """
    path = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *serving.arguments(),
            stdin=PIPE,
            stdout=PIPE,
            stderr=log,
            env={**os.environ, "PYTHONPATH": path},
        )
        server = ServerProcess(process, log, "")
        try:
            server.address = await address_of(process)
            if not server.address:
                raise ServerFailed(server.said().removeprefix("Error: "), await process.wait())
            yield server
        finally:
            await server.kill()


async def address_of(process: Process) -> str:
    """Where a server says that it listens; empty if it ends instead."""
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
    except TimeoutError:
        raise ServerFailed(f"the server did not listen within {PATIENCE:g} s", None) from None
    return line.decode().rpartition(" ")[2].strip()
