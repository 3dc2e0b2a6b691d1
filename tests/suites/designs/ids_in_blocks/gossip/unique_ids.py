"""Ids from blocks of numbers, each reserved on the disk before the first of it is given."""

from __future__ import annotations

from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class GenerateOk(Message):
    id: str


@dataclass(frozen=True)
class Generate(Request[GenerateOk]):
    """Asks for an id."""


class UniqueIds(Node):
    """Reserves blocks of 64 numbers on the disk before it gives the first of them."""

    BLOCK = 64

    def __init__(self) -> None:
        self.next = self.limit = 0
        if "reserved" in self.disk.names():
            lines = self.disk.open("reserved").read().split(b"\n")[:-1]
            whole = [int(line) for line in lines if line.isdigit()]
            self.next = self.limit = max(whole, default=0)
        self.file = self.disk.open("reserved", "ab")
        self.file.write(b"\n")  # closes a torn line
        # a torn number is shorter, thus smaller, than the whole; nothing of its block was given out
        self.file.fsync()
        self.disk.sync()

    @handler
    async def generate(self, request: Generate) -> GenerateOk:
        if self.next == self.limit:
            self.limit += self.BLOCK
            self.file.write(b"%d\n" % self.limit)
            self.file.fsync()
        self.next += 1
        return GenerateOk(f"{self.id}#{self.next}")
