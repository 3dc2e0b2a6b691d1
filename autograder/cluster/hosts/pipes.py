"""Pipes to a process, read and written by an event loop without ever blocking it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from typing import IO

from autograder.cluster import complaints

CHUNK = 1 << 16  # bytes that are read at once


class LineWriter:
    """Writes lines to a pipe; they wait here while the process does not read."""

    def __init__(self, loop: asyncio.AbstractEventLoop, pipe: IO[bytes]) -> None:
        self._loop = loop
        self._pipe = pipe
        self._unsent = bytearray()
        self._waits = False  # for this turn of the loop to end, or for the process to read
        self._full = False  # the process does not read
        os.set_blocking(pipe.fileno(), False)

    def write(self, line: bytes) -> None:
        """Write a line, now or as soon as the process reads."""
        self.write_all((line,))

    def write_all(self, lines: Iterable[bytes]) -> None:
        """Write several lines."""
        for line in lines:
            self._unsent += line
            self._unsent += b"\n"
        if not self._waits:  # what comes in the same turn of the loop goes with it
            self._waits = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        if self._pipe.closed:
            return
        try:
            while self._unsent:
                del self._unsent[: os.write(self._pipe.fileno(), self._unsent)]
        except BlockingIOError:
            if not self._full:
                self._full = True
                self._loop.add_writer(self._pipe.fileno(), self._flush)
            return
        except OSError:
            self._unsent.clear()  # the process has closed it, or ended
        self._waits = False
        if self._full:
            self._full = False
            self._loop.remove_writer(self._pipe.fileno())

    def close(self) -> None:
        """Drop what is not written, and close the pipe."""
        if not self._loop.is_closed():
            self._loop.remove_writer(self._pipe.fileno())
        self._unsent.clear()
        self._pipe.close()


class LineReader:
    """Reads lines from a pipe; `take` gets each, and `finish` is called at the end, with the problem.

    The problem is None, or that a line is longer than `limit` bytes. With `cuts`, that is no problem: as
    many are taken, again and again.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        pipe: IO[bytes],
        limit: int,
        take: Callable[[bytes], None],
        finish: Callable[[str | None], None],
        cuts: bool = False,
    ) -> None:
        self._loop = loop
        self._pipe = pipe
        self._cuts = cuts
        self._limit = limit
        self._take = take
        self._finish = finish
        self._buffer = bytearray()
        self._searched = 0
        self._open = True
        os.set_blocking(pipe.fileno(), False)
        loop.add_reader(pipe.fileno(), self._read)

    def _read(self) -> bool:
        """Take what is there; False if there is no more for now, or ever."""
        try:
            data = os.read(self._pipe.fileno(), CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        self._buffer += data
        if data:
            self._split()
        else:
            self._stop(None)
        return self._open

    def _split(self) -> None:
        """Take the whole lines of the buffer; `take` may close this reader."""
        while self._open and (end := self._buffer.find(b"\n", self._searched)) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._searched = 0
            self._take(line)
        self._searched = len(self._buffer)
        if self._searched > self._limit and self._cuts:
            self._take(bytes(self._buffer))
            self._buffer.clear()
            self._searched = 0
        elif self._searched > self._limit:
            self._stop(complaints.endless(self._buffer, self._limit))
            self._buffer.clear()

    def _stop(self, problem: str | None) -> None:
        """The end: half a line counts as one, unless it is too long."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._pipe.fileno())
            if self._buffer and problem is None:
                self._take(bytes(self._buffer))
            self._finish(problem)

    def half_line(self) -> bytes:
        """What has come of a line whose newline has not; cut."""
        return bytes(self._buffer[: 2 * complaints.SHOWN])

    def take_rest(self) -> None:
        """Take what a process that has ended wrote before that."""
        while self._open and self._read():
            pass

    def close(self) -> None:
        """Close the pipe; nothing more is taken."""
        if self._open and not self._loop.is_closed():
            self._loop.remove_reader(self._pipe.fileno())
        self._open = False
        self._pipe.close()
