"""The thread host: each node is a thread with an event loop, and they talk over real TCP sockets.

Time is the wall's, and the network is the machine's: what nodes say to each other does not pass through
the cluster, so it can neither lose nor record it. What the test's own client asks does pass through.
It confines nothing, so it never grades other people's files.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import msgspec

from autograder.cluster.engine import WallEngine
from autograder.cluster.errors import ClusterError, Unsupported
from autograder.cluster.member import Absorb, Fate
from labs.node import messages
from labs.node.disk import DiskAnswer, DiskOperation, Perform
from labs.node.hosts import load
from labs.node.hosts.control import Ended, Report, Response, Resume, Start, Waits
from labs.node.hosts.process import LineStream, Process, build
from labs.node.hosts.tcp import Address, Connections, listen
from labs.node.node import Node

PARTING = 2.0  # seconds that a node's thread gets to end


class ThreadHost:
    """Runs nodes as threads of this process; while it is open, the folder and `print` are theirs."""

    name = "thread"
    virtual = False
    faults = False

    def __init__(self, engine: WallEngine) -> None:
        self.engine = engine
        self.addresses: dict[str, Address] = {}
        self.loading = threading.Lock()
        self._folder = os.getcwd()
        self._modules = load.set_aside()
        self._streams = sys.stdout, sys.stderr
        sys.stdout = cast(Any, ThreadStream(sys.stdout, 0))
        sys.stderr = cast(Any, ThreadStream(sys.stderr, 1))

    def spawn(self, start: Start, absorb: Absorb, perform: Perform) -> ThreadBody:
        """See `Host.spawn`."""
        os.chdir(start.folder)
        return ThreadBody(self, start, absorb, perform)

    def close(self) -> None:
        """Give everything back."""
        sys.stdout, sys.stderr = self._streams
        os.chdir(self._folder)
        load.put_back(self._modules)


_local = threading.local()


class ThreadStream(io.TextIOBase):
    """Standard output or error, which is another one in each node's thread."""

    def __init__(self, outer: Any, number: int) -> None:
        self._outer = outer
        self._number = number

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        streams = getattr(_local, "streams", None)
        target = self._outer if streams is None else streams[self._number]
        return int(target.write(text))

    def flush(self) -> None:
        if not hasattr(_local, "streams"):
            self._outer.flush()


class ThreadProcess(Process):
    """A node's side of the seam, in a thread."""

    def __init__(self, start: Start, engine: WallEngine, absorb: Absorb, perform: Perform) -> None:
        super().__init__(start)
        self.streams = LineStream(self, "out"), LineStream(self, "err")
        self.connections: Connections | None = None
        self.addresses: dict[str, Address] = {}
        self._engine = engine
        self._absorb = absorb
        self._perform_now = perform

    def now(self) -> int:
        return self._engine.now

    def transmit(self, line: bytes) -> None:
        """Send a message to a node over TCP, and to anyone else through the cluster."""
        if self.connections is not None and messages.decode_envelope(line).dest in self.addresses:
            self.connections.transmit(line)
        else:
            self.sent.append(msgspec.Raw(line))
            self.flush()

    def perform(self, operation: DiskOperation) -> DiskAnswer:
        return self._perform_now(operation)

    def note(self, kind: str, text: str, traceback: str = "") -> None:
        super().note(kind, text, traceback)
        self.flush()

    def respond(self, response: Response) -> None:
        super().respond(response)
        self.flush()

    def flush(self, waits: Waits = None) -> None:
        """Report to the cluster what was done, in the cluster's own thread."""
        try:
            self._engine.loop.call_soon_threadsafe(self._hand_over, self.take_report(waits))
        except RuntimeError:
            pass  # the test is over, and its loop closed

    def _hand_over(self, report: Report) -> None:
        try:
            self._absorb(report)
        except ClusterError as error:
            self._engine.fail(error)


class ThreadBody:
    """A node that runs freely in its thread."""

    pid: int | None = None
    ready = True

    def __init__(self, host: ThreadHost, start: Start, absorb: Absorb, perform: Perform) -> None:
        self._host = host
        self._start = start
        self._process = ThreadProcess(start, host.engine, absorb, perform)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=start.id, daemon=True)
        self._may_go = threading.Event()
        self._may_go.set()
        self._main: asyncio.Task[Any] | None = None
        self._node: Node | None = None  # until it is made

    def begin(self) -> None:
        self._listener = listen(("127.0.0.1", 0))
        self._host.addresses[self._start.id] = self._listener.getsockname()[:2]
        self._process.addresses = self._host.addresses
        self._thread.start()

    def _run(self) -> None:
        """The thread: one node, to its end."""
        _local.streams = self._process.streams
        self._loop.set_exception_handler(lambda _, context: self._process.report_context(context))
        with self._listener, asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                code = runner.run(self._live())
            except SystemExit as end:
                code = self._process.leave(end)
            except asyncio.CancelledError:
                code = 1
            except Exception as problem:
                self._process.report(problem)
                code = 1
        for stream in self._process.streams:
            stream.finish()
        self._process.flush(Ended(code))

    async def _live(self) -> int:
        """The node's life, to its exit code."""
        self._main = asyncio.current_task()
        process = self._process
        with self._host.loading:
            node = self._node = build(process, self._start)
        process.connections = Connections(process.id, process.addresses, node._wiring.receive)
        await process.connections.listen(self._listener)
        process.flush()
        try:
            return await process.run(node)
        finally:
            for task in [*node._wiring.tasks]:
                task.cancel()
            await process.connections.close()

    def resume(self, resume: Resume) -> None:
        self._call(partial(self._take, resume))

    def _take(self, resume: Resume) -> None:
        """Take what came, in the node's own thread: what it prints as it is made may bring it early."""
        if self._node is not None:
            for receive, thing in self._process.receivers(self._node, resume):
                receive(thing)

    def _call(self, function: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            pass  # the node has ended, and its loop is closed

    def end(self) -> Fate:
        """Cancel all that it runs. A thread cannot be killed: one that computes goes on until it awaits."""
        self._may_go.set()
        self._call(self._cancel)
        self._thread.join(PARTING)
        return Fate(None, 9)

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()

    def pause(self) -> None:
        self._may_go.clear()
        self._call(self._may_go.wait)

    def go_on(self) -> None:
        self._may_go.set()

    def limit_file_size(self, size: int) -> None:
        raise Unsupported("a torn write needs --host process")
