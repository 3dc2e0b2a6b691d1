"""The clients of a test with their leases: who has which, since when, with which token."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

from autograder.checkers.history import Operation
from autograder.cluster import Cluster
from autograder.suites.lease.resource import Resource
from autograder.suites.limits import within
from autograder.suites.lock.rooms import CLERK, END, NAP, SOON, Client, last_acquire
from autograder.suites.lock.store import Store
from autograder.violation import Violation

LEASES = f"{Path(__file__).parent / 'apps' / 'leases.py'}:Leases"
SECONDS = 10.0  # that a lease is for
OVER = SECONDS + SOON  # within which a lease is got whose holder is gone


class Grant(NamedTuple):
    """A lease that a client was given; times in seconds."""

    client: Client
    token: int
    asked: float
    since: float  # before which it cannot have been the client's
    given: float
    operation: Operation


class Holders:
    """Clients with leases, and what is known of each lease that was given."""

    def __init__(self, cluster: Cluster, store: Store, clients: list[Client]) -> None:
        self.cluster = cluster
        self.store = store
        self.clients = clients
        self._grants: dict[str, list[Grant]] = {}
        self._held: dict[str, Grant] = {}  # and not released

    # ---- what a client does ----------------------------------------------------------------------

    async def acquire(self, client: Client, name: str) -> int:
        """Get the lease, and see that nobody has it and that its token is new; the token."""
        asked = self.cluster.now
        token: int = await client.invoke("acquire", name, int)
        operation = last_acquire(self.cluster, client, name)
        since = self._first_put(client, asked)
        grant = Grant(client, token, asked, since, self.cluster.now, operation)
        self._see_token(grant, self._grants.setdefault(name, []))
        self._see_time(grant, name)
        self._grants[name].append(grant)
        self._held[name] = grant
        return token

    async def release(self, client: Client, name: str) -> None:
        """Release the lease."""
        if name in self._held and self._held[name].client is client:
            del self._held[name]
        await within(SOON, client.invoke("release", name), f"{client.id} has released {name!r}")

    async def use(self, client: Client, name: str) -> bool:
        """Use the resource with the token of the last lease; whether it was let."""
        let: bool = await client.invoke("use", name, bool)
        return let

    async def visit(self, client: Client, name: str, seconds: float = NAP) -> None:
        """Get the lease, use what it guards, and release it."""
        token = await self.acquire(client, name)
        await asyncio.sleep(seconds)
        let = await self.use(client, name)
        assert let, f"{client.id} has the lease {name!r}, and its token {token} was refused"
        await self.release(client, name)

    async def visits(self, client: Client, name: str, seconds: float) -> None:
        """Visit again and again, for so long."""
        end = self.cluster.now + seconds
        while self.cluster.now < end:
            await self.visit(client, name)
            await asyncio.sleep(self.cluster.random.uniform(0, NAP))

    # ---- what a test expects ---------------------------------------------------------------------

    async def all_visit(self, name: str, seconds: float) -> None:
        """Let all clients visit for so long."""
        visits = asyncio.gather(*(self.visits(client, name, seconds) for client in self.clients))
        await within(
            seconds + END, visits, f"all clients have had {name!r} as often as they wanted it"
        )

    async def must_acquire(self, client: Client, name: str, limit: float = SOON) -> int:
        """A client gets the lease within so many seconds."""
        what = f"{client.id} gets {name!r}, which nobody has any more"
        return await within(limit, self.acquire(client, name), what)

    async def must_wait(self, client: Client, name: str, until: float) -> asyncio.Task[int]:
        """A client does not get the lease until then; returns its being about to."""
        acquiring = asyncio.create_task(self.acquire(client, name))
        await self.still_waits(acquiring, client, until)
        return acquiring

    async def still_waits(self, acquiring: asyncio.Task[int], client: Client, until: float) -> None:
        """A client that waits does not get the lease until then."""
        await asyncio.sleep(until - self.cluster.now)
        if acquiring.done():
            token = acquiring.result()
            raise AssertionError(f"{client.id} got the lease, with token {token}; another has it")

    async def must_get(
        self, acquiring: asyncio.Task[int], client: Client, limit: float = SOON
    ) -> int:
        """A client that waits gets the lease within so many seconds."""
        return await within(limit, acquiring, f"{client.id}, which waits, gets the lease")

    def _see_token(self, grant: Grant, earlier: list[Grant]) -> None:
        for other in earlier:
            if grant.token == other.token or (
                grant.token < other.token and other.given <= grant.asked
            ):
                raise Violation(
                    f"{grant.client.id} got token {grant.token} at {grant.given:.3f} s, and "
                    f"{other.client.id} had got token {other.token} at {other.given:.3f} s",
                    (other.operation, grant.operation),
                )

    def _see_time(self, grant: Grant, name: str) -> None:
        other = self._held.get(name)
        if other and grant.given < other.since + SECONDS:
            raise Violation(
                f"{grant.client.id} got the lease {name!r} at {grant.given:.3f} s, although "
                f"{other.client.id} has it for {SECONDS:g} s since {other.since:.3f} s",
                (other.operation, grant.operation),
            )

    def _first_put(self, client: Client, asked: float) -> float:
        """When the process of a client has first changed anything in the store since it asked."""
        puts = (
            each.now
            for each in self.store.asked
            if each.now >= asked and each.client == client.member.id and each.changed
        )
        return next(puts, asked)


async def start(cluster: Cluster, store: Store, clients: int, processes: int = 2) -> Holders:
    """So many clients with leases over a store of the cluster's."""
    options = {
        "store": store.id,
        "clerk": CLERK,
        "resource": Resource(cluster).id,
        "seconds": SECONDS,
    }
    sessions = await cluster.clients(clients, LEASES, processes, **options)
    return Holders(cluster, store, [Client(session, "lease") for session in sessions])
