"""Bare servers to measure ours against: `python -m tests.bench.echoes grpc|json|node`.

Each prints the port that it listens on, and ends with its input. The third is ours: the reference on its
TCP host.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from grpc import aio

from autograder.catalog import GIVEN, REPOSITORY
from labs.node.hosts import load
from labs.node.hosts.tcp import TcpHost, listen

LOOPBACK = "127.0.0.1"


@contextmanager
def running(kind: str) -> Iterator[int]:
    """The port of such a server, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", __spec__.name, kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def serve_grpc() -> None:
    """Answer every call with its request."""
    server = aio.server()
    method = grpc.unary_unary_rpc_method_handler(echo)
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("echo", {"Echo": method})]
    )
    port = server.add_insecure_port(f"{LOOPBACK}:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


async def echo(request: bytes, _: object) -> bytes:
    """The handler of a bare call."""
    return request


async def serve_json() -> None:
    """Answer every line of JSON with the same object."""
    server = await asyncio.start_server(answer_lines, LOOPBACK, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def answer_lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection."""
    while line := await reader.readline():
        writer.write(json.dumps(json.loads(line)).encode() + b"\n")
        await writer.drain()
    writer.close()


async def serve_node() -> None:
    """The reference, as a node of its own talks."""
    load.prepare([str(REPOSITORY / "solutions"), str(GIVEN)])
    listener = listen((LOOPBACK, 0))
    print(listener.getsockname()[1], flush=True)
    await TcpHost("server").run(load.load_node("kv/server.py:KVServer"), {}, listener)


if __name__ == "__main__":
    asyncio.run({"grpc": serve_grpc, "json": serve_json, "node": serve_node}[sys.argv[1]]())
