"""The process host: each node in an OS process of its own, forked from a zygote."""

from __future__ import annotations

import os
import resource
import signal
import socket
import struct
import time
from collections.abc import Callable

import msgspec
import psutil

from autograder.cluster.errors import HarnessFault, NodeFault
from autograder.cluster.member import Fate
from autograder.cluster.zygote import Zygote, Zygotes
from labs.node.hosts import control
from labs.node.hosts.control import Channel, ChannelClosed, Ended, Report, Resume, Start

PATIENCE = 0.25  # seconds between looks at a node that does not report
CPU_LIMIT = 5.0  # seconds of its own CPU that one step may use
IDLE_LIMIT = 2.0  # seconds that one step may spend asleep outside our read
BACKSTOP = 120.0  # seconds on the wall after which it is our fault
OUTPUT = 1 << 16


class ProcessHost:
    """Forks nodes; under virtual time they run one step at a time."""

    name = "process"
    virtual = True
    faults = True

    def __init__(self, zygotes: Zygotes, processor: int = -1) -> None:
        self._zygotes = zygotes
        self._processor = processor
        self._spawned = 0

    def spawn(self, start: Start, absorb: Callable[[Report], None]) -> VirtualBody:
        """See `Host.spawn`."""
        zygote = self._zygotes.of(self._spawned)
        self._spawned += 1
        body = VirtualBody(start.id, Forked(zygote, self._processor), absorb)
        body.begin(start)
        return body

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

    def end(self, kill: bool) -> Fate:
        """Reap the process and close everything that it was held by."""
        status = self._zygote.end(self.pid, kill)
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


class VirtualBody:
    """A process that is stepped: every resume is followed by its report."""

    def __init__(self, id: str, forked: Forked, absorb: Callable[[Report], None]) -> None:
        self._id = id
        self._forked = forked
        self._channel = forked.channel
        self._absorb = absorb
        seconds = int(PATIENCE)
        patience = struct.pack("ll", seconds, int((PATIENCE - seconds) * 1e6))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._channel.socket.setsockopt(socket.SOL_SOCKET, option, patience)

    def begin(self, start: Start) -> None:
        """Send the first frame, and take the first report."""
        self._channel.send(control.encode(start))
        self._absorb(self._report())

    def resume(self, resume: Resume) -> None:
        try:
            self._channel.send(control.encode(resume))
            report = self._report()
        except ChannelClosed:
            report = Report(resume.now, Ended(-1), [], [])
        self._absorb(report)

    def _report(self) -> Report:
        """The next report; raises `NodeFault` for a node that gives none in its time, or a wrong one."""
        try:
            frame = self._channel.receive()
        except TimeoutError:
            frame = self._watch()
        except ValueError as error:
            raise NodeFault(self._id, f"sent {error}") from None
        try:
            return control.decode_report(frame)
        except (msgspec.DecodeError, RecursionError) as error:
            raise NodeFault(self._id, f"broke the control protocol: {error}") from None

    def _watch(self) -> bytes:
        """Look after a node that takes long: whether it works, waits, or is starved by the machine."""
        watch = Watch(self._forked.pid)
        while True:
            try:
                return self._channel.receive()
            except TimeoutError:
                problem = watch.problem()
                if problem:
                    raise NodeFault(self._id, problem, self._where()) from None

    def _where(self) -> str:
        """Have the process print where it is."""
        os.kill(self._forked.pid, signal.SIGUSR1)
        time.sleep(0.05)
        return self._forked.read_output()

    def end(self, kill: bool) -> Fate:
        return self._forked.end(kill)

    def pause(self) -> None:
        """A stepped process stands still anyway."""

    def go_on(self) -> None:
        """See `pause`."""

    def limit_file_size(self, size: int) -> None:
        resource.prlimit(self._forked.pid, resource.RLIMIT_FSIZE, (size, size))


class Watch:
    """Decides whether a step that takes long is the node's fault."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._began = self._last_busy = time.monotonic()
        self._cpu_at_start = self._last_cpu = self._cpu()

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def problem(self) -> str | None:
        """What the node does wrong, if it does by now; raises `HarnessFault` past the backstop."""
        now, cpu = time.monotonic(), self._cpu()
        if cpu > self._last_cpu or self._process.status() != psutil.STATUS_SLEEPING:
            self._last_busy, self._last_cpu = now, cpu
        if cpu - self._cpu_at_start > CPU_LIMIT:
            return f"computed for over {CPU_LIMIT:g} s without a pause: it spins, or needs an await"
        if now - self._last_busy > IDLE_LIMIT:
            return f"blocked for over {IDLE_LIMIT:g} s on something that is not a message: use await"
        if now - self._began > BACKSTOP:
            raise HarnessFault(f"a step took over {BACKSTOP:g} s on a machine that is too busy")
        return None
