"""The process host: each node in an OS process of its own, forked from a zygote."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from autograder.cluster.engine import WallEngine
from autograder.cluster.errors import ClusterError, HarnessFault, NodeFault
from autograder.cluster.hosts.intake import Intake
from autograder.cluster.hosts.watch import Watch
from autograder.cluster.member import Absorb, Fate
from autograder.cluster.zygote import Zygote, Zygotes
from labs.node.disk import Perform
from labs.node.hosts import control, guard
from labs.node.hosts.control import DIED, Channel, ChannelClosed, Ended, Report, Resume, Start
from labs.node.hosts.problems import Roots, stuck

PATIENCE = 0.25  # seconds between looks at a node that does not report
CLOCK_SLACK = 2 * guard.READS_PER_PAUSE  # microseconds that a step may move its own clock
DUMP_PAUSE = 0.5  # seconds without output after which a stack is thought to be printed
OUTPUT = 1 << 16  # bytes of raw output that are kept
SAID = 300  # bytes of a sentence about a process

ResultT = TypeVar("ResultT")


class ProcessHost:
    """Forks nodes. Under virtual time they run one step at a time, on the wall clock freely."""

    name = "process"
    virtual = True
    faults = True

    def __init__(
        self, zygotes: Zygotes, processor: int = -1, wall: WallEngine | None = None
    ) -> None:
        self._zygotes = zygotes
        self._processor = processor
        self._wall = wall
        self._spawned = 0
        self._intake = Intake()

    def spawn(self, start: Start, absorb: Absorb, perform: Perform) -> VirtualBody | WallBody:
        """See `Host.spawn`."""
        if start.shares:
            self._zygotes.give(start.folder)
            self._intake.watch(start.folder)
        forked = Forked(self._zygotes.of(self._spawned), self._processor)
        self._spawned += 1
        if self._wall is not None:
            return WallBody(start, forked, absorb, self._intake, self._wall)
        return VirtualBody(start, forked, absorb, self._intake)

    def close(self) -> None:
        """Nothing is held beyond the nodes."""


class Forked:
    """A forked process: its control channel, its raw output, its end."""

    def __init__(self, zygote: Zygote, processor: int) -> None:
        ours, theirs = socket.socketpair()
        self._output, write_end = os.pipe()
        os.set_blocking(write_end, False)  # a full pipe must not block the node
        os.set_blocking(self._output, False)
        try:
            self.pid = zygote.spawn(theirs, write_end, processor)
        finally:
            theirs.close()
            os.close(write_end)
        self._zygote = zygote
        self.channel = Channel(ours)

    def end(self) -> Fate:
        """Kill and reap the process, and close everything that it was held by."""
        status = self._zygote.end(self.pid)
        output = self.read_output()
        os.close(self._output)
        self.channel.socket.close()
        if os.WIFSIGNALED(status):
            return Fate(None, os.WTERMSIG(status), output)
        return Fate(os.WEXITSTATUS(status), None, output)

    def read_output(self) -> str:
        """What the process wrote past Python's own streams."""
        try:
            return os.read(self._output, OUTPUT).decode(errors="replace")
        except BlockingIOError:
            return ""

    def where(self) -> str:
        """Have the process print where it is, and read that."""
        os.kill(self.pid, signal.SIGUSR1)
        text = ""
        while select.select([self._output], [], [], DUMP_PAUSE)[0] and (more := self.read_output()):
            text += more
        return text

    def limit_file_size(self, size: int) -> None:
        """Let the kernel kill it as it writes past this size."""
        self._zygote.limit_file_size(self.pid, size)

    def set_patience(self, seconds: float) -> None:
        """Let a blocking read or write of the channel give up after so long, at no further cost."""
        timeval = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self.channel.socket.setsockopt(socket.SOL_SOCKET, option, timeval)


def holds_up(pid: int, number: int) -> bool:
    """Whether a process blocks or ignores a signal; False where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return False
    masks = [line.partition(":") for line in lines if line.startswith(("SigBlk", "SigIgn"))]
    return any(int(mask, 16) >> (number - 1) & 1 for _, _, mask in masks)


def require_confined(node: str, receive: Callable[[], bytes]) -> None:
    """Raise `HarnessFault` unless the first frame of a node's process says that it is confined.

    No code of the student's has run before it: what goes wrong until then is no fault of theirs.
    """
    try:
        said = receive()
    except ChannelClosed:
        said = b"its process died"
    except NodeFault as fault:
        said = str(fault).encode()
    if said != control.CONFINED:
        why = said[:SAID].decode(errors="replace")
        raise HarnessFault(f"{node} could not be confined: {why}")


class VirtualBody:
    """A process that is stepped: every resume is followed by its report."""

    ready = True

    def __init__(self, start: Start, forked: Forked, absorb: Absorb, intake: Intake) -> None:
        self._start = start
        self._forked = forked
        self.pid = forked.pid
        self._channel = forked.channel
        self._absorb = absorb
        self._intake = intake
        self._doomed = False
        forked.set_patience(PATIENCE)

    def begin(self) -> None:
        self._send(control.encode(self._start))
        require_confined(self._start.id, lambda: self._watched(self._channel.receive))
        self._absorb_next(self._start.now)

    def resume(self, resume: Resume) -> None:
        self._send(control.encode(resume))
        self._absorb_next(resume.now)

    def _absorb_next(self, now: int) -> None:
        """Absorb the report on what the node does from this time on."""
        try:
            report = self._report()
        except ChannelClosed:
            report = Report(now, Ended(DIED), [], [])
        if self._doomed and holds_up(self.pid, signal.SIGXFSZ):
            raise NodeFault(
                self._start.id, "holds up SIGXFSZ, by which a test kills it as it writes"
            )
        # A node that dies of what it was handed, for example of its size, has not seen the new time.
        least = 0 if isinstance(report.waits, Ended) else now
        if not least <= report.now <= now + CLOCK_SLACK:
            raise NodeFault(self._start.id, "moved its own clock: time is the cluster's")
        self._absorb(report)

    def _send(self, frame: bytes) -> None:
        unsent = memoryview(control.frame(frame))
        with suppress(ChannelClosed):  # a node that has ended may have said why before
            while unsent:
                unsent = unsent[self._watched(partial(self._channel.push, unsent)) :]

    def _report(self) -> Report:
        """The next report; raises `NodeFault` for a node that gives none in its time, or a wrong one."""
        try:
            frame = self._watched(self._channel.receive)
        except ValueError as error:
            raise NodeFault(self._start.id, f"sent {error}") from None
        return self._intake.decode(self._start.id, frame)

    def _watched(self, exchange: Callable[[], ResultT]) -> ResultT:
        """What an exchange with the node gives, however long the machine starves it."""
        try:
            return exchange()
        except TimeoutError:
            watch = Watch(self._forked.pid)
        while True:
            try:
                return exchange()
            except TimeoutError:
                self._intake.look(self._start.id)
                problem = watch.problem()
                if problem:
                    start, stack = self._start, self._forked.where()
                    text, trace = stuck(problem, stack, Roots(start.root, start.given))
                    raise NodeFault(start.id, text, trace) from None

    def end(self) -> Fate:
        return self._forked.end()

    def pause(self) -> None:
        """A stepped process stands still anyway."""

    def go_on(self) -> None:
        """See `pause`."""

    def limit_file_size(self, size: int) -> None:
        self._doomed = True
        self._forked.limit_file_size(size)


class WallBody:
    """A process that runs freely; its reports arrive as it makes them."""

    ready = True

    def __init__(
        self, start: Start, forked: Forked, absorb: Absorb, intake: Intake, engine: WallEngine
    ) -> None:
        self._start = start
        self._forked = forked
        self.pid = forked.pid
        self._channel = forked.channel
        self._absorb = absorb
        self._intake = intake
        self._confined = False  # as far as we have been told
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop = engine.loop
        self._unsent = bytearray()
        forked.set_patience(PATIENCE)

    def begin(self) -> None:
        self._loop.add_reader(self._channel.socket, self._read)
        self._send(control.encode(self._start))

    def resume(self, resume: Resume) -> None:
        self._send(control.encode(resume))

    def _send(self, frame: bytes) -> None:
        """Send without blocking: the node may be sending to us at the same time."""
        self._unsent += control.frame(frame)
        self._write()

    def _write(self) -> None:
        try:
            sent = self._channel.socket.send(self._unsent, socket.MSG_DONTWAIT)
            del self._unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent.clear()
        if self._unsent:
            self._loop.add_writer(self._channel.socket, self._write)
        else:
            self._loop.remove_writer(self._channel.socket)

    def _read(self) -> None:
        try:
            self._take_frame()
            while self._channel.has_frame():
                self._take_frame()
        except TimeoutError:
            pass  # half a frame; the rest will wake us
        except ChannelClosed:
            self._loop.remove_reader(self._channel.socket)
            self._absorb(Report(self._engine.now, Ended(DIED), [], []))
        except (ValueError, ClusterError) as error:
            self._loop.remove_reader(self._channel.socket)
            self._engine.fail(
                error if isinstance(error, ClusterError) else NodeFault(self._start.id, str(error))
            )

    def _take_frame(self) -> None:
        if self._confined:
            self._absorb(self._intake.decode(self._start.id, self._channel.receive()))
        else:
            require_confined(self._start.id, self._channel.receive)
            self._confined = True

    def end(self) -> Fate:
        if not self._loop.is_closed():
            self._loop.remove_reader(self._channel.socket)
            self._loop.remove_writer(self._channel.socket)
        return self._forked.end()

    def pause(self) -> None:
        os.kill(self._forked.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._forked.pid, signal.SIGCONT)

    def limit_file_size(self, size: int) -> None:
        self._forked.limit_file_size(size)
