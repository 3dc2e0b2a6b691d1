"""A server that keeps one note in a file; how it writes the file is for others to get wrong."""

from __future__ import annotations

from dataclasses import dataclass

from labs.node import Message, Node, Request, handler

FILE = "note"


@dataclass(frozen=True)
class Saved(Message):
    """The note is safe."""


@dataclass(frozen=True)
class Save(Request[Saved]):
    """Asks to keep a note in the place of the last one."""

    text: str


@dataclass(frozen=True)
class Note(Message):
    """The note; empty if there is none."""

    text: str


@dataclass(frozen=True)
class Read(Request[Note]):
    """Asks for the note."""


class Notes(Node):
    """Keeps a note in memory, and in a file for its next life."""

    def __init__(self) -> None:
        self.text = self.load().decode()

    def load(self) -> bytes:
        """The file, as it is; nothing if there is none."""
        return self.disk.open(FILE).read() if self.disk.exists(FILE) else b""

    def store(self, data: bytes) -> None:
        """Put these bytes into the file."""
        raise NotImplementedError

    @handler
    async def save(self, request: Save) -> Saved:
        self.store(request.text.encode())
        self.text = request.text
        return Saved()

    @handler
    async def read(self, request: Read) -> Note:
        return Note(self.text)


class Client:
    """Saves and reads the note."""

    def __init__(self, node: Node, server: str) -> None:
        self.node, self.server = node, server

    async def save(self, text: str) -> None:
        await self.node.call(self.server, Save(text))

    async def read(self) -> str:
        return (await self.node.call(self.server, Read())).text
