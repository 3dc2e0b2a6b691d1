"""Time, chance and files of a node's process, put under the control of its cluster.

Nothing here is a wall against malice; that is the sandbox's work. It makes honest programs repeatable:
every clock is the node's, every random number comes from its seed, every listing is sorted; and what
cannot be made so fails with one sentence that says what to use instead.
"""

from __future__ import annotations

import datetime
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from labs.node.errors import Mistake

EPOCH = 978_307_200  # virtual time.time() at the start: 2001-01-01 00:00 UTC
READS_PER_PAUSE = 1_000
PAUSE = 1_000  # microseconds that a program which polls the clock is moved on by, at first
LONGEST_PAUSE = 100_000  # and if it goes on polling

REFUSED = {
    "_thread.start_new_thread": "starts a thread. A node has one: use self.spawn(coroutine)",
    "_thread.start_joinable_thread": "starts a thread. A node has one: use self.spawn(coroutine)",
    "subprocess.Popen": "starts a process. A node is one process: do the work in it",
    "os.system": "starts a process. A node is one process: do the work in it",
    "os.fork": "starts a process. A node is one process: do the work in it",
    "os.forkpty": "starts a process. A node is one process: do the work in it",
    "os.posix_spawn": "starts a process. A node is one process: do the work in it",
    "os.exec": "replaces the process. A node is one process: do the work in it",
    "socket.connect": "opens a socket. Nodes talk by self.call and self.send",
    "socket.bind": "opens a socket. Nodes talk by self.call and self.send",
    "socket.getaddrinfo": "looks up a host. Nodes talk by self.call and self.send",
}
FILE_EVENTS = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Warden(Protocol):
    """The process of a node, as the guard sees it."""

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


def control_time(warden: Warden) -> None:
    """Every clock shows the node's time, and `time.sleep` takes virtual time of this node alone."""

    def monotonic() -> float:
        return warden.read_clock() / 1e6

    def wall() -> float:
        return EPOCH + warden.read_clock() / 1e6

    def sleep(seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        place = warden.caller()
        if place is not None:
            warden.advise(f"{place}: time.sleep holds up the whole node: use await asyncio.sleep")
        warden.sleep(seconds)

    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        setattr(time, name, monotonic)
        setattr(time, name + "_ns", lambda: warden.read_clock() * 1000)
    time.time, time.sleep = wall, sleep
    time.time_ns = lambda: EPOCH * 10**9 + warden.read_clock() * 1000
    for name, position in (("localtime", 0), ("gmtime", 0), ("ctime", 0)):
        setattr(time, name, _with_time(getattr(time, name), wall, position))
    strftime = time.strftime
    time.strftime = lambda form, t=None: strftime(form, t or time.localtime())
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
            raise Mistake(f"{warden.caller() or 'this program'} {REFUSED[event]}")
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


def refuse_breakpoints() -> None:
    """`breakpoint()` in a process without a terminal says where it works instead."""

    def refuse(*args: Any, **options: Any) -> None:
        raise Mistake(
            "breakpoint() needs a terminal, and this node has none: run with --host inline"
        )

    sys.breakpointhook = refuse
