"""The inline host: each node is an event loop, stepped in the caller's own process.

For notebooks and the debugger. It confines nothing, so it never grades other people's files: nodes share
this interpreter, `time.sleep` moves only the node's clock, and no kill strikes inside a step.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

from autograder.cluster.errors import NodeFault
from autograder.cluster.member import Absorb, Fate
from labs.node.disk import DiskAnswer, DiskOperation, Perform
from labs.node.hosts import guard, load
from labs.node.hosts.control import Ended, Resume, Sleep, Start, Waits
from labs.node.hosts.loop import VirtualLoop, running
from labs.node.hosts.process import LineStream, Stepped, build

CLOCKS = ("time", "monotonic", "perf_counter")


class InlineHost:
    """Runs nodes in this process. Open it with `with`: it borrows clocks, chance and the folder.

    Of clocks and chance, other threads keep the machine's: those of a notebook's kernel look at the clock
    whenever they run, and would move a node's time with it.
    """

    name = "inline"
    virtual = True
    faults = True

    def __init__(self, seed: int, folder: str) -> None:
        self._seed = seed
        self._folder = folder
        self._thread = get_ident()
        self._running: InlineProcess | None = None
        self._restore: list[Callable[[], None]] = []
        self._borrow()

    def spawn(self, start: Start, absorb: Absorb, perform: Perform) -> InlineBody:
        """See `Host.spawn`."""
        return InlineBody(self, InlineProcess(start, perform), start, absorb)

    def close(self) -> None:
        """Give everything back."""
        while self._restore:
            self._restore.pop()()

    @contextmanager
    def stepping(self, process: InlineProcess) -> Iterator[None]:
        """While a node runs, clocks are its own, and what it prints is kept."""
        outer, self._running = self._running, process
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = process.streams
        try:
            yield
        finally:
            self._running = outer
            sys.stdout, sys.stderr = streams

    def _borrow(self) -> None:
        """Put this process's clocks, chance and folder under the cluster's control."""
        for name in CLOCKS:
            self._patch(time, name, self._clock(name, getattr(time, name)))
        self._patch(time, "sleep", self._sleep(time.sleep))
        source = random.Random(self._seed)
        drawn = self._chance(os.urandom, source.randbytes)
        self._patch(os, "urandom", drawn)
        self._patch(random, "_urandom", drawn)
        state, folder = random.getstate(), os.getcwd()
        random.seed(self._seed)
        os.chdir(self._folder)
        self._restore += [lambda: random.setstate(state), lambda: os.chdir(folder)]
        modules = load.set_aside()
        self._restore.append(lambda: load.put_back(modules))

    def _patch(self, module: Any, name: str, value: object) -> None:
        old = getattr(module, name)
        setattr(module, name, value)
        self._restore.append(lambda: setattr(module, name, old))

    def _here(self) -> InlineProcess | None:
        """The node that runs in this thread."""
        return self._running if get_ident() == self._thread else None

    def _chance(
        self, real: Callable[[int], bytes], seeded: Callable[[int], bytes]
    ) -> Callable[[int], bytes]:
        def chance(size: int) -> bytes:
            return (seeded if get_ident() == self._thread else real)(size)

        return chance

    def _clock(self, name: str, real: Callable[[], float]) -> Callable[[], float]:
        start = guard.EPOCH if name == "time" else 0

        def clock() -> float:
            running = self._here()
            if running is None:
                return real()
            jump = running.jump if name == "time" else 0
            return start + (running.read_clock() + jump) / 1e6

        return clock

    def _sleep(self, real: Callable[[float], None]) -> Callable[[float], None]:
        def sleep(seconds: float) -> None:
            running = self._here()
            real(seconds) if running is None else running.sleep(seconds)

        return sleep


class InlineProcess(Stepped):
    """A node's side of the seam, without a process."""

    def __init__(self, start: Start, perform: Perform) -> None:
        super().__init__(start)
        self._perform_now = perform
        self.streams: tuple[Any, Any] = (LineStream(self, "out"), LineStream(self, "err"))

    def wait(self, waits: Waits) -> Resume:
        """Nobody can be waited for here: time moves, and the disk answers, at once."""
        self._reads = 0
        if isinstance(waits, Sleep):
            self.loop.now = waits.until
        answer = self._perform_now(waits) if isinstance(waits, DiskOperation) else DiskAnswer()
        return Resume(self.loop.now, [], answer)


class InlineBody:
    """A node that is stepped by a function call."""

    pid: int | None = None
    ready = True

    def __init__(
        self, host: InlineHost, process: InlineProcess, start: Start, absorb: Absorb
    ) -> None:
        self._host = host
        self._process = process
        self._start = start
        self._absorb = absorb
        self._loop: VirtualLoop = process.loop
        self._main: Any = None

    def begin(self) -> None:
        with self._host.stepping(self._process), running(self._loop):
            try:
                self._node = build(self._process, self._start)
                self._main = self._loop.create_task(self._process.run(self._node))
            except (Exception, SystemExit) as problem:
                self._process.report(problem)
        self._step()

    def resume(self, resume: Resume) -> None:
        self._loop.now = max(self._loop.now, resume.now)
        for receive, thing in self._process.receivers(self._node, resume):
            self._loop.call_soon(receive, thing)
        self._step()

    def _step(self) -> None:
        code = None
        with self._host.stepping(self._process):
            try:
                self._loop.run_ready()
            except SystemExit as end:
                code = self._process.leave(end)
            except Exception as problem:
                self._process.report(problem)
                code = 1
        if self._main is None:
            code = 1
        elif self._main.done() and code is None:
            code = self._main.result()
        waits: Waits = self._loop.next_timer() if code is None else Ended(code)
        self._absorb(self._process.take_report(waits))

    def end(self) -> Fate:
        """Drop every task as a kill would: none of them runs again."""
        self._loop.close()
        return Fate(None, 9)

    def pause(self) -> None:
        """A stepped node stands still anyway."""

    def go_on(self) -> None:
        """See `pause`."""

    def limit_file_size(self, size: int) -> None:
        raise NodeFault(self._start.id, "a torn write needs --host process")
