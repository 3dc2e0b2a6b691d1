"""Who is on call: a store in which every transaction reads a snapshot, and doctors who sign off."""

from __future__ import annotations

from dataclasses import dataclass, field

from labs.node import Message, Node, Request, TransactionConflict, handler


@dataclass(frozen=True)
class Begun(Message):
    """The transaction reads what was there at this time."""

    time: int


@dataclass(frozen=True)
class Begin(Request[Begun]):
    """Asks for a snapshot."""


@dataclass(frozen=True)
class Entries(Message):
    """What stands on a doctor's page."""

    entries: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Read(Request[Entries]):
    """Asks what stood on a page at a time."""

    page: str
    time: int


@dataclass(frozen=True)
class Committed(Message):
    """The transaction has happened."""


@dataclass(frozen=True)
class Commit(Request[Committed]):
    """Asks to write a line on a page. The answer may be the error TransactionConflict."""

    page: str
    entry: str
    time: int


class Snapshots(Node):
    """Keeps pages of entries, each with its time. Of two who write on one page, the first wins."""

    def __init__(self) -> None:
        self.time = 0
        self.pages: dict[str, list[tuple[int, str]]] = {}

    def seen(self, page: str, time: int) -> list[str]:
        return [entry for at, entry in self.pages.get(page, []) if at <= time]

    @handler
    async def begin(self, request: Begin) -> Begun:
        return Begun(self.time)

    @handler
    async def read(self, request: Read) -> Entries:
        return Entries(self.seen(request.page, request.time))

    @handler
    async def commit(self, request: Commit) -> Committed:
        if self.seen(request.page, request.time) != self.seen(request.page, self.time):
            raise TransactionConflict(f"{request.page} has been written meanwhile")
        self.time += 1
        self.pages.setdefault(request.page, []).append((self.time, request.entry))
        return Committed()


Micro = tuple[str, str, list[str] | str]  # an operation of a transaction, as the checker wants it


class Doctor:
    """Goes home if somebody else stays."""

    def __init__(self, node: Node, store: str) -> None:
        self.node, self.store = node, store

    async def sign_off(self, me: str, others: list[str]) -> list[Micro]:
        """What the transaction did. A page without an entry means: on call."""
        time = (await self.node.call(self.store, Begin())).time
        pages = {name: await self.look(name, time) for name in [me, *others]}
        done: list[Micro] = [("r", name, entries) for name, entries in pages.items()]
        if any(pages[name] == [] for name in others):
            await self.node.call(self.store, Commit(me, "off", time))
            done.append(("append", me, "off"))
        return done

    async def look(self, name: str, time: int) -> list[str]:
        return (await self.node.call(self.store, Read(name, time))).entries
