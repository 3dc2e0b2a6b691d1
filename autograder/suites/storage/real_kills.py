"""Real kills by the clock on the wall: a server's process over a storage on a real folder.

The server runs on its standard input and output (`labs.node.hosts.stdio`). Clients, all played by this
process, read and write the same few keys, while SIGKILL strikes at random moments and the server is
started again. In the end the checker judges all that the clients were told, through all its lives.
"""

from __future__ import annotations

import asyncio
import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
from multiprocess import get_context
from multiprocess.connection import Connection

from autograder.checkers import History, VersionedStore
from autograder.violation import assert_linearizable
from labs.node import KeyDoesNotExist, PreconditionFailed, messages
from labs.node.hosts import load, stdio
from labs.node.hosts.processes import METHOD, hidden_main
from labs.node.hosts.real import explain
from labs.node.messages import Envelope, decode_envelope

CLIENTS = 4
KEYS = ("a", "b", "c")
PATIENCE = 10.0  # seconds for a server to start, and to answer
LONGEST_LIFE = 0.03  # seconds from the first request to the kill
EARLY = 0.25  # of all kills strike while the server starts
LOOK = 10  # lives between two looks at the history
INIT = -1  # the number of the message that begins a life
EXPECTED = (KeyDoesNotExist.code, PreconditionFailed.code)


class Served(NamedTuple):
    """What a server runs: the program of a backend, in one of the roots or anywhere, and its folder."""

    roots: tuple[str, ...]
    storage: str
    folder: Path


def serve(served: Served, source: Connection, sink: Connection) -> None:
    """The life of a server's process. Why it cannot start is its answer to the first message."""
    os.chdir(served.folder)
    with open(sink.fileno(), "wb", closefd=False) as output:
        try:
            load.prepare(served.roots)
            cls = load.load_node("storage/server.py:StorageServer")
            options = {"storage": load.load(served.storage)}
            asyncio.run(stdio.run(cls, options, source.fileno(), output))
        except Exception as problem:
            line = messages.encode_error("server", "crowd", 13, explain(problem), INIT)
            output.write(line + b"\n")


class Server:
    """One life of a server's process."""

    def __init__(self, served: Served) -> None:
        context = get_context(METHOD)
        if METHOD == "forkserver":
            context.set_forkserver_preload([__name__])
        source, self._requests = context.Pipe(duplex=False)
        self._replies, sink = context.Pipe(duplex=False)
        self._process = context.Process(target=serve, args=(served, source, sink), daemon=True)
        with hidden_main():
            self._process.start()
        source.close()
        sink.close()
        self._partial = b""
        self.send("crowd", "init", INIT, node_id="server", node_ids=["server"])

    def send(self, src: str, name: str, number: int, **fields: Any) -> None:
        """Send a request; one that nobody is there to read is lost."""
        body = messages.encode_body(name, fields, {"msg_id": number})
        line = messages.encode_envelope(src, "server", body) + b"\n"
        try:
            os.write(self._requests.fileno(), line)
        except BrokenPipeError:
            pass

    def receive(self, seconds: float) -> Iterator[Envelope]:
        """The replies that come within so many seconds; raises `EOFError` when there will be no more."""
        descriptor, until = self._replies.fileno(), time.monotonic() + seconds
        while select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
            if not (data := os.read(descriptor, 1 << 16)):
                raise EOFError
            *lines, self._partial = (self._partial + data).split(b"\n")
            yield from map(decode_envelope, lines)

    def kill(self) -> None:
        """SIGKILL, and wait until it has worked."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._requests.close()
        self._replies.close()


class Crowd:
    """Clients that have each one request under way: a get of some key, then a put of what they read."""

    def __init__(self, random: Random) -> None:
        self.history = History()
        self._random = random
        self._known: dict[
            str, tuple[str, int]
        ] = {}  # the key and the version that a client has read

    def ask(self, server: Server, client: str) -> None:
        """Let a client ask for what it wants next."""
        if client not in self._known:
            self.get(server, client, self._random.choice(KEYS))
            return
        key, version = self._known.pop(client)
        value = f"{len(self.history)} " * self._random.randint(1, 500)
        number = self.history.begin(client, "put", (key, value, version), microseconds())
        server.send(client, "put", number, key=key, value=value, version=version)

    def get(self, server: Server, client: str, key: str) -> None:
        """Let a client ask for the value of a key."""
        number = self.history.begin(client, "get", (key,), microseconds())
        server.send(client, "get", number, key=key)

    def take(self, reply: Envelope) -> str:
        """Note a reply; the client that got it. Raises `AssertionError` for an error of the server."""
        number, error, result = number_of(reply), None, None
        body = msgspec.json.decode(reply.body)
        if body["type"] == "error":
            error = body["code"]
        elif body["type"] == "get_ok":
            result = (body["value"], body["version"])
        self.history.end(number, microseconds(), result, error)
        done = self.history[number]
        if done.name == "get":
            self._known[done.client] = (done.args[0], result[1] if result else 0)
        return done.client


def number_of(reply: Envelope) -> int:
    """The number of the request that is answered. Raises `AssertionError` for an error of the server."""
    header = messages.decode_header(reply.body)
    if header.type == "error":
        error = messages.decode_error(reply.body)
        if error.code not in EXPECTED:
            raise AssertionError(f"the server answers with error {error.code}: {error.text}")
    if header.in_reply_to is None:
        raise AssertionError(f"the server says {header.type}, and nobody has asked")
    return header.in_reply_to


def microseconds() -> int:
    """The time on the wall, as histories have it."""
    return time.monotonic_ns() // 1000


# ---- lives and kills -----------------------------------------------------------------------------


def kill_again_and_again(served: Served, times: int, seed: int) -> History:
    """Let clients use a server that is killed so many times; what they did and were told.

    Raises `AssertionError` if it does not start again, does not answer, or has lost or torn a put.
    """
    random = Random(seed)
    crowd = Crowd(random)
    served.folder.mkdir(parents=True, exist_ok=True)
    for n in range(times):
        with life_of(served, n + 1) as server:
            if random.random() < EARLY:
                drain(server, random.uniform(0, LONGEST_LIFE))
            else:
                serve_crowd(server, crowd, f"life {n + 1}", random.uniform(0, LONGEST_LIFE))
        if n % LOOK == LOOK - 1:  # not only in the end: the sooner, the shorter is what went wrong
            assert_linearizable(crowd.history, VersionedStore)
    with life_of(served, times + 1) as server:
        read_all(server, crowd)
    assert_linearizable(crowd.history, VersionedStore)
    return crowd.history


@contextmanager
def life_of(served: Served, number: int) -> Iterator[Server]:
    """A server's process, killed in the end; what goes wrong is an `AssertionError` that says when."""
    server = Server(served)
    try:
        yield server
    except AssertionError as error:
        raise AssertionError(f"in its life {number}, {error}") from None
    except EOFError:
        raise AssertionError(f"in its life {number}, the server ends by itself") from None
    finally:
        server.kill()


def drain(server: Server, seconds: float) -> None:
    """Let a server start for so long."""
    for reply in server.receive(seconds):
        number_of(reply)


def serve_crowd(server: Server, crowd: Crowd, life: str, seconds: float) -> None:
    """Let clients, new ones in each life, use a server for so long."""
    wait_for_start(server)
    for n in range(CLIENTS):
        crowd.ask(server, f"{n + 1} of {life}")
    for reply in server.receive(seconds):
        crowd.ask(server, crowd.take(reply))


def read_all(server: Server, crowd: Crowd) -> None:
    """Read every key, in the end."""
    wait_for_start(server)
    for key in KEYS:
        crowd.get(server, f"of {key}", key)
    replies = server.receive(PATIENCE)
    for _ in KEYS:
        crowd.take(next_of(replies))


def wait_for_start(server: Server) -> None:
    """Return when a server has answered the message that begins its life."""
    number_of(next_of(server.receive(PATIENCE)))


def next_of(replies: Iterator[Envelope]) -> Envelope:
    """The next reply; raises `AssertionError` if none comes in time."""
    for reply in replies:
        return reply
    raise AssertionError(f"the server has not answered within {PATIENCE:g} s")
