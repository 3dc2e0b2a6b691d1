"""The store as a real service on this machine, and what a chapter does to it: cells import from here.

Time is real here, so whatever a cell shows must not depend on how fast the machine is.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, cast

import grpc
from grpc import aio

from autograder.catalog import REPOSITORY
from autograder.kv.client import Caller, open_channel
from autograder.kv.loss import Dice
from autograder.kv.root import Root, Store
from autograder.kv.server import Server, SilentHost
from autograder.kv.wire import kv_pb2
from book.figures.page import Figure
from book.figures.table import table
from labs.node.hosts import load
from labs.node.node import create

SOLUTIONS = REPOSITORY / "solutions"
HERE = "127.0.0.1:0"  # a free port
# Seconds that clerks wait for a first reply, on a machine that may be busy building a book.
PATIENT = 2.0
WORKING = 30.0  # seconds after which something hangs
WIDTH = 76  # characters of a line that a page has room for


class Told(Dice):
    """Dice that fall as they are told, and well ever after."""

    def __init__(self, *falls: bool) -> None:
        super().__init__(0, "")
        self._falls = [*falls]

    def fall(self, *falls: bool) -> None:
        """Let the next ones fall like this."""
        self._falls = [*falls]

    def loses(self) -> bool:
        """See `Dice`."""
        return bool(self._falls) and self._falls.pop(0)


class Service:
    """A store that listens at `address`; made by `serving`."""

    def __init__(self, lab: Root, address: str) -> None:
        self.address = address
        self._lab = lab

    @asynccontextmanager
    async def caller(self, *interceptors: Any) -> AsyncIterator[Caller]:
        """A node that calls the store."""
        async with open_channel(self.address, interceptors) as channel:
            options = {"channel": channel, "methods": self._lab.methods}
            yield create(Caller, SilentHost("client"), options)

    def message(self, name: str, *fields: Any) -> Any:
        """A message of the lab: `message("Put", "x", "1", 0)`."""
        get, put = self._lab.methods
        cls: Any = {"Get": get.request, "Put": put.request}[name]
        return cls(*fields)


@asynccontextmanager
async def serving(dice: Dice | None = None, storage: type | None = None) -> AsyncIterator[Service]:
    """The reference's server in this process, as `autograder kv serve` runs it.

    It loses what `dice` say, and keeps its entries in a `storage`, if one is given.
    """
    outer = load.set_aside()
    with tempfile.TemporaryDirectory() as folder:
        try:
            lab = Root(SOLUTIONS)
            store = lab.store(None if storage is None else "memory")
            if storage is not None:
                store = Store(store.cls, storage, blocks=True)
            server = Server(store, lab.methods, SilentHost("server", Path(folder)), dice)
            async with living(server) as port:
                yield Service(lab, f"127.0.0.1:{port}")
        finally:
            load.put_back(outer)


@asynccontextmanager
async def living(server: Server) -> AsyncIterator[int]:
    """The port of a server that lives meanwhile."""
    listening = asyncio.get_running_loop().create_future()
    life = asyncio.create_task(server.run(HERE, listening.set_result))
    await asyncio.wait([life, listening], return_when=asyncio.FIRST_COMPLETED)
    if life.done():
        await life
    try:
        yield listening.result()
    finally:
        life.cancel()
        await asyncio.wait([life])


# ---- a cable that can break ----------------------------------------------------------------------

DATA, HEADERS = 0, 1  # types of HTTP/2's frames
LAST = 1  # the flag of the last frame of a stream


class Frame(NamedTuple):
    """A frame of HTTP/2."""

    kind: int
    flags: int
    stream: tuple[int, int]  # of which connection, and its number there
    body: bytes


class Cable:
    """Carries a connection's bytes, and breaks it where the reply of a number would pass: once.

    `seen` are the requests that the server answered, and what became of the answers.
    """

    def __init__(self, to: str, breaks_at: int) -> None:
        self.seen: list[tuple[int, str, str]] = []
        self._to = to
        self._breaks_at = breaks_at
        self._connections = 0
        self._asked: dict[tuple[int, int], str] = {}

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        """The address of its near end."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        try:
            yield f"{host}:{port}"
        finally:
            server.close()

    async def _connect(self, up: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._connections += 1
        number = self._connections
        host, _, port = self._to.rpartition(":")
        down, on = await asyncio.open_connection(host, int(port))
        with suppress(OSError, asyncio.IncompleteReadError):
            on.write(await up.readexactly(24))  # with which every connection begins
            await asyncio.wait(
                [
                    asyncio.create_task(self._carry(number, up, on, self._request)),
                    asyncio.create_task(self._carry(number, down, back, self._reply)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
        for end in (on, back):
            end.transport.abort()

    async def _carry(
        self, number: int, source: asyncio.StreamReader, dest: asyncio.StreamWriter, look: Any
    ) -> None:
        """Carry frames until one end closes, or a look at one says that the cable breaks."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await source.readexactly(9)
                body = await source.readexactly(int.from_bytes(head[:3], "big"))
                frame = Frame(head[3], head[4], (number, int.from_bytes(head[5:], "big")), body)
                if look(frame):
                    return
                dest.write(head + body)

    def _request(self, frame: Frame) -> bool:
        if frame.kind == DATA and frame.body:
            self._asked[frame.stream] = read_request(frame.body[5:])
        return False

    def _reply(self, frame: Frame) -> bool:
        """Whether the cable breaks here: at the first frame of a reply."""
        if frame.kind != HEADERS or frame.stream not in self._asked:
            return False
        broken = len(self.seen) + 1 == self._breaks_at
        arrived = "an error" if frame.flags & LAST else "OK"  # an error has no frame but this
        became = "lost: the connection broke" if broken else arrived
        self.seen.append((frame.stream[0], self._asked.pop(frame.stream), became))
        return broken

    def _repr_html_(self) -> str:
        return self.figure()._repr_html_()

    def __repr__(self) -> str:
        return repr(self.figure())

    def figure(self) -> Figure:
        """All that it has carried."""
        heads = ("connection", "request", "its reply")
        rows = {str(n): dict(zip(heads, row, strict=True)) for n, row in enumerate(self.seen, 1)}
        return table(rows, "what the server was asked, and what became of its replies")


def read_request(data: bytes) -> str:
    """A request as it stands in `kv.proto`; a get has a key alone."""
    found = kv_pb2.PutRequest.FromString(data)
    if not found.value:
        return f"Get({found.key!r})"
    return f"Put({found.key!r}, {found.value!r}, version {found.version})"


# ---- a method of its own -------------------------------------------------------------------------


@asynccontextmanager
async def offering(method: Method) -> AsyncIterator[Offered]:
    """A server with this one method, of bytes, and the way to call it."""
    ended = asyncio.Event()

    async def serve(request: bytes, context: Any) -> bytes:
        try:
            return await method(request, context)
        finally:
            ended.set()

    server = aio.server()
    handlers = {"Do": grpc.unary_unary_rpc_method_handler(serve)}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("book", handlers)])
    port = server.add_insecure_port(HERE)
    await server.start()
    try:
        async with aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await channel.channel_ready()
            yield Offered(cast(Any, channel).unary_unary("/book/Do"), ended)
    finally:
        await server.stop(None)


Method = Callable[[bytes, Any], Awaitable[bytes]]


class Offered(NamedTuple):
    """A method to call, and the event that its server is done with it."""

    call: Any
    ended: asyncio.Event


# ---- a shell -------------------------------------------------------------------------------------


def command(line: str, *more: str) -> None:
    """Run a command, written as at a shell, and print what it says; `more` arguments are not shown."""
    _, group, verb, *arguments = shlex.split(line)
    done = subprocess.run(
        [sys.executable, "-m", "autograder", group, verb, *more, *arguments],
        check=False,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=WORKING,
    )
    said = "\n".join(map(fold, done.stdout.rstrip().splitlines()))
    print(f"$ {line}", said, f"exit code {done.returncode}", "", sep="\n")


def fold(line: str) -> str:
    """A line as a page has room for it."""
    return textwrap.fill(line, WIDTH, subsequent_indent="      ") if len(line) > WIDTH else line


@contextmanager
def shell(*options: str) -> Iterator[Callable[[str], None]]:
    """What runs commands beside `autograder kv serve`, with these options, on a free port."""
    with tempfile.TemporaryDirectory() as folder:
        root = patient(Path(folder))
        serve = [sys.executable, "-m", "autograder", "kv", "serve", "--root", str(root)]
        with subprocess.Popen(
            [*serve, "--listen", HERE, "--until-stdin-ends", *options],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            try:
                address = process.stdout.readline().split()[-1]
                more = ("--server", address, "--root", str(root), "--timeout", f"{WORKING:g}")
                yield lambda line: command(line, *more)
            finally:
                process.kill()


def environment() -> dict[str, str]:
    """Ours, in which a command finds the project wherever it is, and prints no colours."""
    plain = {name: value for name, value in os.environ.items() if "COLOR" not in name}
    return {**plain, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1"}


def patient(folder: Path) -> Path:
    """A root with the reference's store, whose clerk waits long before it asks again."""
    for lab in ("kv", "storage"):
        (folder / lab).mkdir()
        for file in (SOLUTIONS / lab).glob("*.py"):
            text = file.read_text(encoding="utf-8")
            text = re.sub(r"(?m)^(FIRST|LONGEST)_TIMEOUT = .*$", rf"\1_TIMEOUT = {PATIENT}", text)
            (folder / lab / file.name).write_text(text, encoding="utf-8")
    return folder
