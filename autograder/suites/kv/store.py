"""The store under test: its server, its clerks, and what became of each operation."""

from __future__ import annotations

import enum
from typing import NamedTuple

from autograder.checkers import VersionedStore
from autograder.cluster import Cluster
from autograder.cluster.member import Member
from autograder.cluster.sessions import Session
from autograder.violation import assert_linearizable
from labs.node import KeyDoesNotExist, PreconditionFailed, RPCError

SERVER = "kv/server.py:KVServer"
CLERK = "kv/clerk.py:Clerk"


class Result(enum.Enum):
    """What a put said."""

    DONE = "was done"
    MISSING = "raised KeyDoesNotExist"
    REFUSED = "raised PreconditionFailed"
    MAYBE = "raised Maybe"


ERRORS = {KeyDoesNotExist.code: Result.MISSING, PreconditionFailed.code: Result.REFUSED}
ERRORS[1001] = Result.MAYBE  # in kv/messages.py, which only a student's process imports


class Entry(NamedTuple):
    """What a get gave."""

    value: str
    version: int


class Clerk:
    """One clerk of the student's, in a client process."""

    def __init__(self, session: Session) -> None:
        self.id = session.id
        self.member = session.member
        self._session = session

    async def get(self, key: str) -> Entry | None:
        """What the store has under a key; None if the clerk says that there is nothing."""
        try:
            return Entry(*await self._session.invoke("get", key, type=tuple[str, int]))
        except KeyDoesNotExist:
            return None
        except RPCError as error:
            raise AssertionError(unexpected(f"get({key!r:.40})", self.id, error)) from None

    async def put(self, key: str, value: str, version: int) -> Result:
        """Put, and say what became of it."""
        try:
            await self._session.invoke("put", key, value, version, type=None)
        except RPCError as error:
            if error.code in ERRORS:
                return ERRORS[error.code]
            put = f"put({key!r:.40}, {value!r:.40}, {version})"
            raise AssertionError(unexpected(put, self.id, error)) from None
        return Result.DONE

    async def must_put(self, key: str, value: str, version: int, *allowed: Result) -> Result:
        """Put, which must end in one of the results that are `allowed`: if none is, be done."""
        result = await self.put(key, value, version)
        if result not in (allowed or (Result.DONE,)):
            wanted = " or ".join(f"it {each.value}" for each in allowed or (Result.DONE,))
            raise AssertionError(
                f"{self.id}: put({key!r:.40}, {value!r:.40}, {version}) {result.value}; "
                f"right was: {wanted}"
            )
        return result

    async def must_get(self, key: str, value: str, version: int) -> None:
        """Get, which must give this value and this version."""
        found = await self.get(key)
        if found != (value, version):
            seen = "raised KeyDoesNotExist" if found is None else f"gave {show(found)}"
            right = show(Entry(value, version))
            raise AssertionError(f"{self.id}: get({key!r:.40}) {seen}; right was {right}")

    async def must_miss(self, key: str) -> None:
        """Get of a key that is not there."""
        if found := await self.get(key):
            raise AssertionError(
                f"{self.id}: get({key!r:.40}) gave {show(found)}; right was KeyDoesNotExist, "
                "for no put of it was done"
            )


def show(entry: Entry) -> str:
    """An entry in a few words."""
    return f"{entry.value!r:.40} of version {entry.version}"


def unexpected(operation: str, clerk: str, error: RPCError) -> str:
    """The sentence for an error that no clerk raises."""
    seen = f"{type(error).__name__} ({error.text or error.code})"
    return f"{clerk}: {operation} raised {seen}; a clerk asks until it is answered"


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
    return Store(cluster, server, [Clerk(session) for session in sessions])


async def wander(cluster: Cluster, clerk: Clerk, times: int, keys: str = "xyz") -> None:
    """Get one of a few keys, and put it; any answer will do."""
    for n in range(times):
        key = cluster.random.choice(keys)
        entry = await clerk.get(key)
        version = entry.version if entry else 0
        allowed = Result.DONE, Result.REFUSED, Result.MAYBE
        await clerk.must_put(key, f"{clerk.id} {n}", version, *allowed)
