"""What the locks of a test guard: rooms that one client at a time may be in."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

from autograder.checkers import Lock
from autograder.checkers.deciders.versions import MAYBE
from autograder.checkers.history import Operation
from autograder.cluster import Cluster
from autograder.cluster.member import Member
from autograder.cluster.sessions import Session
from autograder.suites.limits import within
from autograder.suites.lock.store import Store
from autograder.violation import Violation, assert_linearizable
from labs.node import RPCError

APPS = Path(__file__).parent / "apps"
LOCKS = f"{APPS / 'locks.py'}:Locks"
CLERK = f"{APPS / 'clerk.py'}:StoreClerk"
SOON = 5.0  # seconds within which a lock that is free is acquired, or one that is held released
END = 30.0  # seconds within which all clients are done that want no more than one more visit
NAP = 0.01  # seconds that a visit takes, and the time up to the next at most


class Client:
    """A client with its locks, in a client process; `kind` is what one of them is called."""

    def __init__(self, session: Session, kind: str = "lock") -> None:
        self.id = session.id
        self.member: Member = session.member
        self._session = session
        self._kind = kind

    async def invoke(self, operation: str, name: str, type: Any = None) -> Any:
        """Do an operation, which raises nothing."""
        try:
            return await self._session.invoke(operation, name, type=type)
        except RPCError as error:
            raised = "Maybe" if error.code == MAYBE else error.__class__.__name__
            raise Violation(
                f"{operation} of the {self._kind} {name!r} raised {raised} ({error}) at {self.id}: "
                f"what a clerk raises is the {self._kind}'s to deal with",
                [self._session.last],
            ) from None


class Visit(NamedTuple):
    """Who is in a room, since when in seconds."""

    client: Client
    since: float


class Wait(NamedTuple):
    """How long a client waited for a lock, in seconds."""

    seconds: float
    client: str


class Rooms:
    """A room for each name; whoever enters while another is inside breaks the test."""

    def __init__(self, cluster: Cluster, clients: list[Client]) -> None:
        self.cluster = cluster
        self.clients = clients
        self.patience = SOON
        self.waits: list[Wait] = []
        self._inside: dict[str, Visit] = {}
        self._waiting: dict[Client, str] = {}

    # ---- what a client does ----------------------------------------------------------------------

    async def enter(self, client: Client, name: str) -> None:
        """Acquire the lock, and enter its room."""
        began = self.cluster.now
        self._waiting[client] = name
        await client.invoke("acquire", name)
        del self._waiting[client]
        self.waits.append(Wait(self.cluster.now - began, client.id))
        if visit := self._inside.get(name):
            self._refuse(client, name, visit)
        self._inside[name] = Visit(client, self.cluster.now)

    async def leave(self, client: Client, name: str) -> None:
        """Leave the room, and release its lock."""
        del self._inside[name]
        await self.must_release(client, name)

    async def visit(self, client: Client, name: str, seconds: float = NAP) -> None:
        """Enter a room, stay there, and leave it."""
        await self.enter(client, name)
        await asyncio.sleep(seconds)
        await self.leave(client, name)

    async def visits(self, client: Client, name: str, seconds: float) -> int:
        """Visit a room again and again, for so long; how often."""
        end, times = self.cluster.now + seconds, 0
        while self.cluster.now < end:
            await self.visit(client, name)
            times += 1
            await asyncio.sleep(self.cluster.random.uniform(0, NAP))
        return times

    def _refuse(self, client: Client, name: str, visit: Visit) -> None:
        other = visit.client
        raise Violation(
            f"{client.id} got the lock {name!r} at {self.cluster.now:.4f} s, although {other.id} "
            f"has had it since {visit.since:.4f} s and has not begun to release it",
            [last_acquire(self.cluster, each, name) for each in (other, client)],
        )

    # ---- what a test expects ---------------------------------------------------------------------

    async def all_visit(self, name: str, seconds: float) -> int:
        """Let all clients visit a room for so long; how often they did in all."""
        visits = (self.visits(client, name, seconds) for client in self.clients)
        return sum(await within(seconds + END, asyncio.gather(*visits), self.who_waits))

    async def must_enter(self, client: Client, name: str) -> None:
        """A client enters a room soon, since nobody is inside."""
        await self.must_get(client, name, asyncio.create_task(self.enter(client, name)))

    async def must_release(self, client: Client, name: str) -> None:
        """A client releases a lock, whoever has it."""
        release = client.invoke("release", name)
        await within(self.patience, release, f"the release of {name!r} by {client.id} ends")

    async def must_wait(self, client: Client, name: str, seconds: float) -> asyncio.Task[None]:
        """A client does not enter a room within so many seconds; returns its being about to."""
        entering = asyncio.create_task(self.enter(client, name))
        await asyncio.sleep(seconds)
        if entering.done():
            entering.result()
            raise AssertionError(f"{client.id} got the lock {name!r}, which nobody had released")
        return entering

    async def must_get(self, client: Client, name: str, entering: asyncio.Task[None]) -> None:
        """A client that waits enters a room soon, since nobody is inside any more."""
        await within(self.patience, entering, f"{client.id} gets the lock {name!r}, which is free")

    def who_waits(self) -> str:
        """The sentence for a test that does not come to its end."""
        waiting = ", ".join(f"{client.id} for {name!r}" for client, name in self._waiting.items())
        inside = ", ".join(f"{v.client.id} has {name!r}" for name, v in self._inside.items())
        return (
            f"everyone is done; still waiting: {waiting or 'nobody'}; {inside or 'no lock is held'}"
        )

    def longest_wait(self) -> str:
        """The longest time that a client has waited for a lock, in words."""
        wait = max(self.waits, default=Wait(0.0, "nobody"))
        return f"the longest wait for a lock was {wait.seconds:.2f} s, by {wait.client}"

    def check(self) -> None:
        """All acquires and releases fit one order, in which each lock has one holder at a time."""
        assert_linearizable(self.cluster.history, Lock)


def last_acquire(cluster: Cluster, client: Client, name: str) -> Operation:
    """The last acquire of a client."""
    return cluster.history.last(client.id, "acquire", (name,))


async def start(cluster: Cluster, store: Store, clients: int = 1, processes: int = 2) -> Rooms:
    """So many clients with locks over a store of the cluster's."""
    return await start_over(cluster, store.id, CLERK, clients, processes)


async def start_over(
    cluster: Cluster, store: str, clerk: str, clients: int, processes: int = 2
) -> Rooms:
    """So many clients with locks over any store, with clerks of a class."""
    options: dict[str, Any] = {"store": store, "clerk": clerk}
    sessions = await cluster.clients(clients, LOCKS, processes, **options)
    return Rooms(cluster, [Client(session) for session in sessions])
