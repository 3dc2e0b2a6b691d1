"""The frames between a node's process and the cluster that holds its clock, network and disk.

A node's process is at every moment either running or waiting, and it says for what. A `Report` carries
what it did since the last one (messages sent, lines printed) and what it waits for now; the cluster
answers with a `Resume`, at a time of its choosing. Frames are JSON after a length of four bytes.
"""

from __future__ import annotations

import socket
import struct
from typing import Any

import msgspec

from labs.node.disk import DiskAnswer, DiskOperation
from labs.node.errors import NodeError

FRAME_LIMIT = 96 * 1024 * 1024  # bytes; admits a value of 10 MiB whose every byte is escaped
CONFINED = b"confined"  # the first frame of a process that is
DIED = -1  # the code of a program whose process ended without saying so
USUAL = 4096  # bytes; few frames are larger
_LENGTH = struct.Struct("<I")


class Sleep(msgspec.Struct, array_like=True, tag=True):
    """The process blocks in `time.sleep` until this time."""

    until: int


class FileOperation(msgspec.Struct, array_like=True, tag=True):
    """The process is about to touch a shared file, and waits for leave; it may be killed instead."""

    event: str
    path: str


class Ended(msgspec.Struct, array_like=True, tag=True):
    """The program ended by itself."""

    code: int


class Note(msgspec.Struct, array_like=True):
    """A line that the program printed (`out`, `err`), or what it did wrong (`fault`, `advice`)."""

    now: int
    kind: str
    text: str
    traceback: str = ""


class Invocation(msgspec.Struct, array_like=True):
    """An operation that a session of the process is to do: a method of its object, and arguments."""

    number: int
    session: int
    name: str
    args: list[Any]


class Response(msgspec.Struct, array_like=True):
    """How an invocation ended: with a value, or with an `RPCError` of that code."""

    number: int
    value: msgspec.Raw
    error: int | None = None
    text: str = ""


Waits = int | None | Sleep | FileOperation | DiskOperation | Ended


class Report(msgspec.Struct, array_like=True):
    """What a process did, and what it waits for: a message or this time (None: only a message), or ..."""

    now: int
    waits: Waits
    sent: list[msgspec.Raw]
    notes: list[Note]
    responses: list[Response] = []


class Resume(msgspec.Struct, array_like=True):
    """Go on at this time, with these messages, or with the answer that was waited for.

    `jump` is how far the node's calendar has been moved, in microseconds; its monotonic clock never is.
    """

    now: int
    messages: list[msgspec.Raw]
    answer: DiskAnswer | None = None
    answers: bool = False
    invocations: list[Invocation] = []
    jump: int = 0


class SessionsOf(msgspec.Struct):
    """What a client process carries: so many objects of a class, each made with the node and options."""

    program: str
    number: int
    options: dict[str, Any]


class Start(msgspec.Struct):
    """The first frame that a process gets: what to run, and as whom."""

    id: str
    peers: tuple[str, ...]
    program: str  # empty for a client process, which has `sessions`
    options: dict[str, Any]
    root: str
    given: str
    own: tuple[str, ...]  # the files that a student writes, `kv/server.py`; all others are given
    folder: str
    shares: bool  # whether the node may write to the folder
    seed: int
    pid: int
    life: int  # 1 for the first start of a node, 2 for the next, ...
    now: int
    origin: float  # of the machine's monotonic clock; 0 under virtual time
    virtual: bool
    sessions: SessionsOf | None = None


class ChannelClosed(NodeError):
    """The other end is gone."""


def frame(data: bytes) -> bytes:
    """What `Channel.send` sends for `data`."""
    return _LENGTH.pack(len(data)) + data


class Channel:
    """Frames over a stream socket. Blocking; `TimeoutError` past the socket's limit, if it has one."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._buffer = b""

    def send(self, data: bytes) -> None:
        """Send one frame, on a socket without a limit."""
        unsent = memoryview(frame(data))
        while unsent:
            unsent = unsent[self.push(unsent) :]

    def push(self, data: memoryview) -> int:
        """Send what the socket takes; the result is the number of its bytes."""
        try:
            return self.socket.send(data)
        except BlockingIOError:
            raise TimeoutError from None
        except OSError:
            raise ChannelClosed from None

    def receive(self) -> bytes:
        """The next frame; raises `ValueError` for one over the limit, without reading it."""
        while len(self._buffer) < 4:
            self._buffer += self._read(USUAL)
        buffer = self._buffer
        end = 4 + _LENGTH.unpack_from(buffer)[0]
        if end > FRAME_LIMIT:
            raise ValueError(f"a frame of {end} bytes is over the limit of {FRAME_LIMIT}")
        if len(buffer) < end:
            self._fill_to(end)
            buffer = self._buffer
        self._buffer = buffer[end:]
        return buffer[4:end]

    def has_frame(self) -> bool:
        """Whether a whole frame has come with the last one: no event will tell of it."""
        buffer = self._buffer
        return len(buffer) >= 4 and len(buffer) >= 4 + _LENGTH.unpack_from(buffer)[0]

    def _fill_to(self, size: int) -> None:
        """Read until the buffer holds `size` bytes, in time linear in their number."""
        parts, have = [self._buffer], len(self._buffer)
        try:
            while have < size:
                parts.append(self._read(min(size - have, 1 << 20)))
                have += len(parts[-1])
        finally:
            self._buffer = b"".join(parts)

    def _read(self, size: int) -> bytes:
        try:
            data = self.socket.recv(size)
        except BlockingIOError:
            raise TimeoutError from None
        except OSError:
            raise ChannelClosed from None
        if not data:
            raise ChannelClosed
        return data


encode = msgspec.json.Encoder().encode
decode_report = msgspec.json.Decoder(Report).decode
decode_resume = msgspec.json.Decoder(Resume).decode
decode_start = msgspec.json.Decoder(Start).decode
