"""Nodes that talk over TCP: one message a line, straight from peer to peer.

A node that others call first listens. One that only calls needs no address: replies come back on the
connection on which its request went out, so a worker behind a router can join a coordinator anywhere.
As on any network, a message may get lost: while there is no connection, and when one breaks.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
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


class Link:
    """One connection: whole lines in, whole lines out, whoever opened it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.name = "%s:%s" % (writer.get_extra_info("peername") or ("?", "?"))[:2]

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
        except (msgspec.DecodeError, RecursionError) as error:
            log.warning("closed the connection to %s, which sent what is no message: %s", self.name, error)
        except ValueError:
            log.warning(
                "closed the connection to %s, which sent a line of over %s bytes", self.name, FRAME_LIMIT
            )
        except OSError:
            pass  # the connection broke

    async def close(self) -> None:
        """Let what was sent get out, and close."""
        self._writer.close()
        try:
            async with asyncio.timeout(FAREWELL):
                await self._writer.wait_closed()
        except OSError:  # a TimeoutError is one, too
            self._writer.transport.abort()


class TcpHost(RealHost):
    """The host of a node that talks over TCP; `run` does all that is needed.

    `addresses` says where peers listen. A peer that is not in it can be answered, as long as the
    connection on which it spoke last is there.
    """

    def __init__(
        self,
        id: str,
        addresses: Mapping[str, Address] | None = None,
        disks: Path = Path("disks"),
        seed: int | None = None,
    ) -> None:
        self._addresses = dict(addresses or {})
        super().__init__(id, [name for name in self._addresses if name != id], disks, seed)
        self._routes: dict[str, Link] = {}
        self._dialers: dict[str, Dialer] = {}
        self._served: set[asyncio.Task[None]] = set()
        self._node: Node | None = None

    async def run(
        self, cls: type[Node], options: Mapping[str, Any], listener: socket.socket | None = None
    ) -> None:
        """Make a node, run it to the end of its `main`, and close every connection.

        `listener` is a bound socket (see `listen`); it is closed, too. Raises what `create` and `main`
        raise.
        """
        node = self._node = create(cls, self, options)
        server = None
        try:
            if listener is not None:
                server = await asyncio.start_server(self._accept, sock=listener, limit=FRAME_LIMIT)
            await live(node)
        finally:
            self._node = None
            if server is not None:
                server.close()
            await self._close()

    async def _close(self) -> None:
        tasks = [*self._served, *(dialer.task for dialer in self._dialers.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
        if self._node is None:
            return
        if envelope.dest != self.id:
            log.warning("%s got a message for %r from %s", self.id, envelope.dest, link.name)
            return
        self._node._receive(line)
        self._routes[envelope.src] = link

    def transmit(self, line: bytes) -> None:
        """Send a message on the connection of its destination; without one, it is lost."""
        dest = messages.decode_envelope(line).dest
        link = self._routes.get(dest)
        if link is not None:
            link.send(line)
        elif dest in self._addresses and self._node is not None:
            self._dialer(dest).send(line)

    def _dialer(self, dest: str) -> Dialer:
        if dest not in self._dialers:
            self._dialers[dest] = Dialer(self, self._addresses[dest])
        return self._dialers[dest]


class Dialer:
    """Keeps a connection to one peer, and opens it again when it breaks."""

    def __init__(self, host: TcpHost, address: Address) -> None:
        self._host = host
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
                streams = await asyncio.open_connection(*self._address, limit=FRAME_LIMIT)
            except OSError:
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
            await self._host.serve(link)
        finally:
            self._link = None


def listen(address: Address) -> socket.socket:
    """A socket bound to `address`; port 0 lets the system choose one. Raises `OSError`."""
    family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
    return socket.create_server(address, family=family, backlog=1024)
