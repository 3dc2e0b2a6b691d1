"""The store under test: its server, its clerks, and what became of each operation."""

from __future__ import annotations

import asyncio
import enum
from typing import Any, NamedTuple

from autograder.checkers import VersionedStore
from autograder.checkers.deciders.versions import MAYBE
from autograder.checkers.history import short
from autograder.cluster import Cluster
from autograder.cluster.member import Member
from autograder.cluster.sessions import Session
from autograder.violation import Violation, assert_linearizable
from labs.node import KeyDoesNotExist, PreconditionFailed, RPCError

LONGEST_PAUSE = 5.0  # seconds between two tries of a clerk, at most
PATIENCE = 10 * LONGEST_PAUSE  # that an operation takes at most, if the test says nothing else
ANSWER = LONGEST_PAUSE + 1.0  # seconds within which an operation ends once the network is whole
FLOOD = 400  # requests a second by the clerks of one process, for one that does not end within it
SERVER = "kv/server.py:KVServer"
CLERK = "kv/clerk.py:Clerk"


class Result(enum.Enum):
    """What a put said."""

    DONE = "was done"
    MISSING = "raised KeyDoesNotExist"
    REFUSED = "raised PreconditionFailed"
    MAYBE = "raised Maybe"


GET_RAISES = {KeyDoesNotExist.code: Result.MISSING}
PUT_RAISES = {**GET_RAISES, PreconditionFailed.code: Result.REFUSED, MAYBE: Result.MAYBE}


class Entry(NamedTuple):
    """What a get gave."""

    value: str
    version: int


class Clerk:
    """One clerk of the student's, in a client process."""

    def __init__(self, cluster: Cluster, session: Session) -> None:
        self.id = session.id
        self.member = session.member
        self.patience = PATIENCE
        self._cluster = cluster
        self._session = session

    async def get(self, key: str) -> Entry | None:
        """What the store has under a key; None if the clerk says that there is nothing."""
        try:
            return Entry(*await self._do("get", key, type=tuple[str, int], raises=GET_RAISES))
        except KeyDoesNotExist:
            return None

    async def put(self, key: str, value: str, version: int) -> Result:
        """Put, and say what became of it."""
        try:
            await self._do("put", key, value, version, type=None, raises=PUT_RAISES)
        except RPCError as error:
            return PUT_RAISES[error.code]
        return Result.DONE

    async def _do(self, name: str, *args: Any, type: Any, raises: dict[int, Result]) -> Any:
        """An operation, which must come to its end, and raise nothing but what it may."""
        operation = f"{name}({', '.join(map(short, args))}) by {self.id}"
        doing = asyncio.create_task(self._session.invoke(name, *args, type=type))
        try:
            await self._end(doing, operation)
            return await doing
        except RPCError as error:
            if error.code in raises:
                raise
            kind = "Maybe" if error.code == MAYBE else error.__class__.__name__
            raise self._wrong(
                f"{operation} raised {kind} ({error}), which a {name} never does: "
                "a clerk asks until it is answered"
            ) from None

    async def _end(self, doing: asyncio.Task[Any], operation: str) -> None:
        """Wait until an operation ends, and look every second at what it costs until then."""
        end = self._cluster.now + self.patience
        while self._cluster.now < end:
            await asyncio.wait([doing], timeout=1.0)
            if doing.done():
                return
            if (sent := self._sent(within=1.0)) > FLOOD:
                raise self._wrong(f"{operation} has no end, and took {sent} requests in a second")
        raise self._wrong(f"not within {self.patience:g} s: {operation} ends")

    def _wrong(self, sentence: str) -> Violation:
        """What its last operation did was wrong."""
        return Violation(sentence, [self._session.last])

    def _sent(self, within: float) -> int:
        """How many messages the process of this clerk has sent within so many seconds."""
        number, since = 0, (self._cluster.now - within) * 1e6
        for event in reversed(self._cluster.trace.events):
            if event.now < since:
                break
            number += event.kind == "send" and event.node == self.member.id
        return number

    async def must_put(self, key: str, value: str, version: int, *allowed: Result) -> Result:
        """Put, which must end in one of the results that are `allowed`: if none is, be done."""
        result = await self.put(key, value, version)
        if result not in (allowed or (Result.DONE,)):
            wanted = " or ".join(f"it {each.value}" for each in allowed or (Result.DONE,))
            raise self._wrong(
                f"{self.id}: put({short(key)}, {short(value)}, {version}) {result.value}; "
                f"right was: {wanted}"
            )
        return result

    async def must_get(self, key: str, value: str, version: int) -> None:
        """Get, which must give this value and this version."""
        found = await self.get(key)
        if found != (value, version):
            seen = "raised KeyDoesNotExist" if found is None else f"gave {show(found)}"
            right = show(Entry(value, version))
            raise self._wrong(f"{self.id}: get({short(key)}) {seen}; right was {right}")

    async def must_miss(self, key: str) -> None:
        """Get of a key that is not there."""
        if found := await self.get(key):
            raise self._wrong(
                f"{self.id}: get({short(key)}) gave {show(found)}; right was KeyDoesNotExist, "
                "for no put of it was done"
            )


def show(entry: Entry) -> str:
    """An entry in a few words."""
    return f"{short(entry.value)} of version {entry.version}"


class Store:
    """A server with its clerks."""

    def __init__(self, cluster: Cluster, server: Member, clerks: list[Clerk]) -> None:
        self.cluster = cluster
        self.server = server
        self.clerks = clerks

    def check(self) -> None:
        """Everything that the clerks were told fits one order of the operations."""
        assert_linearizable(self.cluster.history, VersionedStore)

    def requests(self, *types: str) -> int:
        """How many requests of these types have been sent so far."""
        return self._count("send", types)

    def lost(self, *types: str) -> int:
        """How many messages of these types have been lost so far."""
        return self._count("drop", types)

    def _count(self, kind: str, types: tuple[str, ...]) -> int:
        messages = (e.message for e in self.cluster.trace.events if e.kind == kind)
        return sum(message is not None and message.type in types for message in messages)


async def start(cluster: Cluster, clerks: int = 1, processes: int = 2) -> Store:
    """A server, and so many clerks in so many processes."""
    server = await cluster.start(SERVER)
    sessions = await cluster.clients(clerks, CLERK, processes, server=server.id)
    return Store(cluster, server, [Clerk(cluster, session) for session in sessions])


async def wander(cluster: Cluster, clerk: Clerk, times: int, keys: str = "xyz") -> None:
    """Get one of a few keys, and put it; any answer will do."""
    for n in range(times):
        key = cluster.random.choice(keys)
        entry = await clerk.get(key)
        version = entry.version if entry else 0
        allowed = Result.DONE, Result.REFUSED, Result.MAYBE
        await clerk.must_put(key, f"{clerk.id} {n}", version, *allowed)
