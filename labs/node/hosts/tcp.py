"""Nodes that talk over TCP: one message a line, straight from peer to peer.

A node that others call first listens. One that only calls needs no address: replies come back on the
connection on which its request went out, so a worker behind a router can join any coordinator. As on
any network, a message may get lost: while there is no connection, and when one breaks.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from labs.node import messages
from labs.node.hosts.control import FRAME_LIMIT
from labs.node.hosts.real import RealHost, live
from labs.node.node import Node, create

Address = tuple[str, int]

UNSENT_LIMIT = 2 * FRAME_LIMIT  # bytes that may wait for a peer that does not read
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between attempts to reach a peer
FAREWELL = 2.0  # seconds for the last messages to get out

log = logging.getLogger("labs.node")


class Misaddressed(ValueError):
    """A message for another node than the one that got it."""


class Link:
    """One connection: whole lines in, whole lines out, whoever opened it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        peer = writer.get_extra_info("peername") or ("a peer", "gone")
        self.name = f"{peer[0]}:{peer[1]}"
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, line: bytes) -> None:
        """Send a line, unless too much waits already: then it is lost."""
        transport = self._writer.transport
        if not transport.is_closing() and transport.get_write_buffer_size() < UNSENT_LIMIT:
            self._writer.write(line + b"\n")

    async def receive(self, take: Callable[[bytes], None]) -> None:
        """Hand every line to `take`, until the other side closes or sends what is no message."""
        try:
            while (line := await self._reader.readline()).endswith(b"\n"):
                take(line)
        except OSError:
            pass  # the connection broke
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._complain(f"what is no message: {error}")
        except Misaddressed as error:
            self._complain(f"a message for another node: {error}")
        except ValueError:
            self._complain(f"a line of over {FRAME_LIMIT} bytes")

    def _complain(self, what: str) -> None:
        log.warning("closed the connection with %s, which sent %s", self.name, what)

    async def close(self) -> None:
        """Let what was sent get out, and close."""
        self._writer.close()
        try:
            async with asyncio.timeout(FAREWELL):
                await self._writer.wait_closed()
        except OSError:  # a TimeoutError is one, too
            self._writer.transport.abort()


class Connections:
    """All connections of one node; what comes in for it goes to `deliver`.

    `addresses` says where peers listen. A peer that is not in it can be answered, as long as the
    connection on which it spoke last is there.
    """

    def __init__(
        self, id: str, addresses: Mapping[str, Address], deliver: Callable[[bytes], None]
    ) -> None:
        self._id = id
        self._addresses = addresses
        self._deliver = deliver
        self._routes: dict[str, Link] = {}
        self._dialers: dict[str, Dialer] = {}
        self._served: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._closed = False

    async def listen(self, listener: socket.socket) -> None:
        """Take connections from a bound socket, which is closed with the others."""
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=FRAME_LIMIT)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closed:  # it came in at the last moment
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self.serve(Link(reader, writer)))
        self._served.add(task)
        task.add_done_callback(self._served.discard)

    async def serve(self, link: Link) -> None:
        """Take messages from a connection until it ends."""
        try:
            await link.receive(lambda line: self._take(link, line))
        finally:
            for name in [name for name, known in self._routes.items() if known is link]:
                del self._routes[name]
            await link.close()

    def _take(self, link: Link, line: bytes) -> None:
        envelope = messages.decode_envelope(line)
        if envelope.dest != self._id:
            raise Misaddressed(f"it is for {envelope.dest!r}, and this is {self._id!r}")
        self._routes[envelope.src] = link
        self._deliver(line)

    def transmit(self, line: bytes) -> None:
        """Send a message on the connection of its destination; without one, it is lost."""
        dest = messages.decode_envelope(line).dest
        link = self._routes.get(dest)
        if link is not None:
            link.send(line)
        elif dest in self._addresses and not self._closed:
            if dest not in self._dialers:
                self._dialers[dest] = Dialer(self, lambda: self._addresses[dest])
            self._dialers[dest].send(line)

    async def close(self) -> None:
        """Close everything, after what was sent is out."""
        self._closed = True
        if self._server is not None:
            self._server.close()
            await asyncio.sleep(0)  # for a connection that is being accepted
        tasks = [*self._served, *(dialer.task for dialer in self._dialers.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Dialer:
    """Keeps a connection to one peer, and opens it again when it breaks."""

    def __init__(self, connections: Connections, address: Callable[[], Address]) -> None:
        self._connections = connections
        self._address = address
        self._link: Link | None = None
        self._held: list[bytes] | None = []  # what waits for the first attempt
        self.task = asyncio.get_running_loop().create_task(self._run())

    def send(self, line: bytes) -> None:
        """Send a line, or hold it while the first attempt is under way; else it is lost."""
        if self._link is not None:
            self._link.send(line)
        elif self._held is not None:
            self._held.append(line)

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                streams = await asyncio.open_connection(*self._address(), limit=FRAME_LIMIT)
            except OSError as error:
                if self._held is not None:
                    log.info("cannot reach %s:%s yet: %s", *self._address(), error)
                self._held = None
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                pause = FIRST_PAUSE
                await self._use(Link(*streams))
                await asyncio.sleep(pause)

    async def _use(self, link: Link) -> None:
        for line in self._held or ():
            link.send(line)
        self._link, self._held = link, None
        try:
            await self._connections.serve(link)
        finally:
            self._link = None


class TcpHost(RealHost):
    """The host of a node that talks over TCP."""

    def __init__(
        self,
        id: str,
        addresses: Mapping[str, Address] | None = None,
        peers: Iterable[str] | None = None,
        disks: Path = Path("disks"),
        seed: int | None = None,
    ) -> None:
        self._addresses = dict(addresses or {})
        known = [name for name in self._addresses if name != id]
        super().__init__(id, known if peers is None else peers, disks, seed)
        self._connections: Connections | None = None

    async def run(
        self, cls: type[Node], options: Mapping[str, Any], listener: socket.socket | None = None
    ) -> None:
        """Make a node, run it to the end of its `main`, and close every connection.

        `listener` is a bound socket (see `listen`), for a node that others call first; it is closed,
        too. Raises what `create` and `main` raise.
        """
        try:
            node = create(cls, self, options)
            self._connections = Connections(self.id, self._addresses, node._wiring.receive)
            if listener is not None:
                await self._connections.listen(listener)
            await live(node)
        finally:
            if self._connections is not None:
                await self._connections.close()
            if listener is not None:
                listener.close()

    def transmit(self, line: bytes) -> None:
        """See `Connections.transmit`."""
        if self._connections is not None:
            self._connections.transmit(line)


def listen(address: Address) -> socket.socket:
    """A socket bound to `address`; port 0 lets the system choose one. Raises `OSError`."""
    family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
    return socket.create_server(address, family=family, backlog=1024)
