"""The store under test: its server, its clerks, and what happens to their messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

from autograder.checkers import KeyValue
from autograder.checkers.history import short
from autograder.cluster import Cluster, rules
from autograder.cluster.member import Member
from autograder.cluster.network import Installed
from autograder.cluster.sessions import Session
from autograder.suites.exactly_once.appends import check_appends
from autograder.suites.limits import within
from autograder.suites.messages import First, lost
from autograder.violation import Violation, assert_linearizable
from labs.node import RPCError

SERVER = "exactly_once/server.py:Server"
CLERK = "exactly_once/clerk.py:Clerk"
PATIENCE = 300.0  # seconds that an operation may take where nothing else is said
TOGETHER = 10.0  # seconds that operations may take that are asked for together, on a good network
SHORTLY = 0.002  # seconds after which everything that was just sent has arrived


class Clerk:
    """One clerk of the student's, in a client process."""

    def __init__(self, session: Session) -> None:
        self.id = session.id
        self.member = session.member
        self._session = session

    async def get(self, key: str, seconds: float = PATIENCE) -> str:
        """Get, which must be answered within so many seconds, as the others must."""
        value: str = await self._do(seconds, str, "get", key)
        return value

    async def put(self, key: str, value: str, seconds: float = PATIENCE) -> None:
        """Put."""
        await self._do(seconds, None, "put", key, value)

    async def append(self, key: str, value: str, seconds: float = PATIENCE) -> str:
        """Append; the value before."""
        old: str = await self._do(seconds, str, "append", key, value)
        return old

    async def must_get(self, key: str, value: str, seconds: float = PATIENCE) -> None:
        """Get, which must give this value."""
        found = await self.get(key, seconds)
        if found != value:
            raise self._wrong(
                f"{self.id}'s {show('get', key)} gave {short(found)}; right was {short(value)}"
            )

    async def must_append(self, key: str, value: str, old: str, seconds: float = PATIENCE) -> None:
        """Append, which must return this value as the one before."""
        found = await self.append(key, value, seconds)
        if found != old:
            raise self._wrong(
                f"{self.id}'s {show('append', key, value)} returned {short(found)}; "
                f"the value before it was {short(old)}"
            )

    async def _do(self, seconds: float, type: Any, name: str, *args: str) -> Any:
        operation = self._session.invoke(name, *args, type=type)
        try:
            return await within(
                seconds, operation, lambda: f"{self.id}'s {show(name, *args)} is answered"
            )
        except AssertionError as error:
            raise self._wrong(str(error)) from None
        except RPCError as error:
            kind, text = error.__class__.__name__, error.text or error.code
            raise self._wrong(
                f"{self.id}'s {show(name, *args)} raised {kind} ({text}): "
                "a clerk asks until it is answered"
            ) from None

    def _wrong(self, sentence: str) -> Violation:
        """What its last operation did was wrong."""
        return Violation(sentence, [self._session.last])


def show(name: str, *args: str) -> str:
    """An operation in a few words."""
    return f"{name}({', '.join(map(short, args))})"


class Store:
    """A server with its clerks."""

    def __init__(self, cluster: Cluster, server: Member, clerks: list[Clerk]) -> None:
        self.cluster = cluster
        self.server = server
        self.clerks = clerks
        self.processes = {clerk.member.id: clerk.member for clerk in clerks}.values()  # of clerks

    # ---- what its network does -------------------------------------------------------------------

    def late_copies(self, seconds: float) -> Installed:
        """Every request comes twice, the second time so many seconds later."""
        return self.cluster.network.rule(
            lambda message, random: (
                (0.0, seconds) if message.dest == self.server.id else rules.PASS
            ),
            what=f"every request comes a second time, {seconds:g} s later",
        )

    def lose_requests(self, number: int) -> Installed:
        """The next so many requests are lost."""
        rule = First(number, lambda message: message.dest == self.server.id)
        return self.cluster.network.rule(rule, what=lost(number, "request", "requests"))

    def lose_answers(self, number: int) -> Installed:
        """The next so many answers are lost."""
        rule = First(number, lambda message: message.src == self.server.id)
        return self.cluster.network.rule(rule, what=lost(number, "answer", "answers"))

    def cut_answers(self, *clerks: Clerk) -> Installed:
        """The requests of these clerks arrive, and the answers to them do not."""
        return self.cluster.network.cut({self.server.id}, {clerk.member.id for clerk in clerks})

    def cut_requests(self, *clerks: Clerk) -> Installed:
        """The requests of these clerks do not arrive."""
        return self.cluster.network.cut({clerk.member.id for clerk in clerks}, {self.server.id})

    # ---- what its nodes do -----------------------------------------------------------------------

    @asynccontextmanager
    async def paused(self, *members: Member) -> AsyncIterator[None]:
        """Stop nodes while the block runs; the messages to them wait."""
        for member in members:
            await self.cluster.pause(member)
        try:
            yield
        finally:
            for member in members:
                await self.cluster.resume(member)

    async def at_once(self, operations: Iterable[Coroutine[Any, Any, Any]]) -> None:
        """Do operations so that their requests reach the server together, and the answers the clerks."""
        async with self.paused(self.server):
            under_way = asyncio.gather(*operations)
            await asyncio.sleep(SHORTLY)
        async with self.paused(*self.processes):
            await asyncio.sleep(SHORTLY)
        await within(TOGETHER, under_way, "operations that were asked for together are answered")

    async def until_there(self, reader: Clerk, key: str, value: str) -> None:
        """Wait until a clerk reads this value."""
        found = await reader.get(key)
        for _ in range(100):
            if found == value:
                return
            await asyncio.sleep(0.1)
            found = await reader.get(key)
        raise AssertionError(
            f"{reader.id}'s {show('get', key)} still gave {short(found)} after 10 s, "
            f"and should have given {short(value)}"
        )

    # ---- what must hold --------------------------------------------------------------------------

    async def check(self, *appended: str) -> None:
        """Everything that clerks were told fits one order of the operations.

        To the keys `appended`, unique values were appended, and nothing else was done but get.
        """
        for key in appended:
            check_appends(self.cluster.history, key, await self.clerks[-1].get(key))
        assert_linearizable(self.cluster.history, KeyValue)


async def start(cluster: Cluster, clerks: int = 1, processes: int = 2) -> Store:
    """A server, and so many clerks in so many processes."""
    server = await cluster.start(SERVER)
    sessions = await cluster.clients(clerks, CLERK, processes, server=server.id)
    return Store(cluster, server, [Clerk(session) for session in sessions])


async def each(clerks: Iterable[Clerk], work: Callable[[Clerk], Awaitable[None]]) -> None:
    """Let all clerks work side by side."""
    await asyncio.gather(*map(work, clerks))
