"""Time, chance and files of a node's process, put under the control of its cluster.

Nothing here is a wall against malice; that is the sandbox's work. It makes honest programs repeatable:
every clock is the node's, every random number comes from its seed, every listing is sorted; and what
cannot be made so fails with one sentence that says what to use instead.
"""

from __future__ import annotations

import _thread
import asyncio
import builtins
import datetime
import glob
import os
import random
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Protocol, cast

from labs.node.errors import Mistake
from labs.node.hosts.loop import NO_PROCESSES, NO_SOCKETS, NO_THREADS, refusal

EPOCH = 978_307_200  # virtual time.time() at the start: 2001-01-01 00:00 UTC
READS_PER_PAUSE = 1_000
PAUSE = 1_000  # microseconds that a program which polls the clock is moved on by, at first
LONGEST_PAUSE = 100_000  # and if it goes on polling

REFUSED = {
    **dict.fromkeys(
        ("subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec"),
        NO_PROCESSES,
    ),
    **dict.fromkeys(("socket.connect", "socket.bind", "socket.getaddrinfo"), NO_SOCKETS),
}
THREAD_STARTERS = (
    (_thread, "start_new_thread"),
    (_thread, "start_joinable_thread"),
    (threading, "_start_new_thread"),
    (threading, "_start_joinable_thread"),
)
FILE_EVENTS = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Warden(Protocol):
    """The process of a node, as the guard sees it."""

    jump: int  # microseconds that the calendar is ahead

    def read_clock(self) -> int:
        """The node's time in microseconds; reading it moves it by one."""

    def sleep(self, seconds: float) -> None:
        """Block this node, and no other, for so long."""

    def touch(self, event: str, path: str) -> None:
        """Wait for leave to touch a file."""

    def advise(self, text: str) -> None:
        """Tell the student something, once for each place that does it."""

    def caller(self) -> str | None:
        """File and line of the student's code that is running."""

    def line_of(self, frame: FrameType) -> str | None:
        """File and line of a frame, if it is the student's code."""


def control_chance(seed: int) -> None:
    """Let every source of random numbers in the standard library come from `seed`."""
    source = random.Random(seed)

    class SeededRandom(random.Random):
        def __init__(self, x: Any = None) -> None:
            super().__init__(source.getrandbits(64) if x is None else x)

    def urandom(size: int) -> bytes:
        return source.randbytes(size)

    random.seed(source.getrandbits(64))
    random.Random = SeededRandom  # type: ignore[misc]
    os.urandom = urandom
    for module, name, value in (
        (random, "_urandom", urandom),
        (tempfile, "_Random", SeededRandom),
        (uuid, "_generate_time_safe", None),
        (uuid, "getnode", lambda: 0x001122334455),
    ):
        setattr(module, name, value)
    if hasattr(os, "getrandom"):
        os.getrandom = lambda size, flags=0: urandom(size)


def control_identity(pid: int) -> None:
    """A process number that the cluster chose, so that names made from it are the same in every run."""
    os.getpid = lambda: pid
    os.getppid = lambda: 1


def control_listings() -> None:
    """Listings of folders come sorted."""
    listdir, scandir = os.listdir, os.scandir

    class Sorted:
        def __init__(self, *path: Any) -> None:
            with scandir(*path) as entries:
                self._entries = iter(sorted(entries, key=lambda entry: entry.name))

        def __iter__(self) -> Iterator[Any]:
            return self

        def __next__(self) -> Any:
            return next(self._entries)

        def __enter__(self) -> Sorted:
            return self

        def __exit__(self, *error: object) -> None:
            self.close()

        def close(self) -> None:
            self._entries = iter(())

    os.listdir = lambda *path: sorted(listdir(*path))  # type: ignore[assignment]
    os.scandir = Sorted  # type: ignore[assignment]
    globber = getattr(glob, "_StringGlobber", None)  # in Python 3.13 it keeps the function itself
    if getattr(globber, "scandir", None) is scandir:
        cast(Any, globber).scandir = Sorted


def control_time(warden: Warden) -> None:
    """Every clock shows the node's time, and `time.sleep` takes virtual time of this node alone."""

    def monotonic() -> float:
        return warden.read_clock() / 1e6

    def wall() -> float:
        return EPOCH + (warden.read_clock() + warden.jump) / 1e6

    def sleep(seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        place = warden.line_of(sys._getframe(1))
        if place is not None:
            warden.advise(
                f"{place}: time.sleep holds up the whole node: write await asyncio.sleep instead"
            )
        warden.sleep(seconds)

    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        setattr(time, name, monotonic)
        setattr(time, name + "_ns", lambda: warden.read_clock() * 1000)
    time.time = wall
    time.sleep = cast(Any, sleep)
    time.time_ns = lambda: EPOCH * 10**9 + (warden.read_clock() + warden.jump) * 1000
    for name, position in (("localtime", 0), ("gmtime", 0), ("ctime", 0)):
        setattr(time, name, _with_time(getattr(time, name), wall, position))
    strftime = time.strftime
    time.strftime = lambda form, *t: strftime(form, *(t or (time.localtime(),)))
    control_dates(wall)


def _with_time(
    function: Callable[..., Any], wall: Callable[[], float], position: int
) -> Callable[..., Any]:
    def given(seconds: float | None = None) -> Any:
        return function(wall() if seconds is None else seconds)

    return given


def control_dates(wall: Callable[[], float]) -> None:
    """`datetime` and `date` know no other today."""

    class Date(datetime.date):
        @classmethod
        def today(cls) -> Date:
            return cls.fromtimestamp(wall())

    class DateTime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> DateTime:
            return cls.fromtimestamp(wall(), tz)

        @classmethod
        def utcnow(cls) -> DateTime:
            return cls.fromtimestamp(wall(), datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> DateTime:
            return cls.now()

    datetime.date, datetime.datetime = Date, DateTime  # type: ignore[misc]


def watch_events(warden: Warden, folder: str, virtual: bool) -> None:
    """Make file operations in `folder` wait for leave, and refuse what a node must not do."""
    inside = os.path.realpath(folder) + os.sep
    busy = False

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal busy
        if event == "open":
            if isinstance(args[2], int) and not args[2] & WRITING:
                return
        elif event in REFUSED and virtual:
            raise Mistake(REFUSED[event], warden.caller() or "")
        elif event not in FILE_EVENTS:
            return
        if busy:
            return
        busy = True
        try:
            path = next((p for p in map(_absolute, args[:2]) if p.startswith(inside)), None)
            if path is not None:
                warden.touch(event, path[len(inside) :])
        finally:
            busy = False

    sys.addaudithook(hook)


def _absolute(path: object) -> str:
    if not isinstance(path, str | bytes | os.PathLike):
        return ""
    return os.path.realpath(os.fsdecode(path))


def refuse_threads() -> None:
    """Whatever starts a thread says what to use instead."""
    # Not every Python tells an audit hook of it.
    refuse = refusal(NO_THREADS + "use self.spawn(coroutine)")
    for module, name in THREAD_STARTERS:
        if hasattr(module, name):
            setattr(module, name, refuse)


def refuse_terminals() -> None:
    """What needs a terminal, or an event loop of its own, says what to use instead."""
    sys.breakpointhook = refusal("breakpoint() needs a terminal: run with --host inline")
    builtins.input = refusal("input() needs a terminal: a node learns from messages alone")
    asyncio.run = refusal("a node's event loop runs already: write await instead of asyncio.run")
