"""A server over a storage, its clients, and what happens to it."""

from __future__ import annotations

import asyncio
from random import Random

from autograder.cluster import Cluster
from autograder.cluster.files import DIE, GO, Leave, Touch
from autograder.cluster.member import Member
from autograder.cluster.sessions import Session
from autograder.suites.storage.in_node import APPS, STORAGE
from labs.node import KeyDoesNotExist, RPCError

KEYS = ("a", "b")
SOON = 0.05  # seconds in which a server that is to be killed gets to its disk
LONGEST_OUTAGE = 0.3  # seconds until a server that was killed is started again


class Service:
    """A server, and clients that read and write the same few keys."""

    def __init__(self, cluster: Cluster, server: Member, clerks: list[Session]) -> None:
        self._cluster = cluster
        self._server = server
        self._clerks = clerks
        self._left: int | None = None  # operations of its disk until the server is killed
        cluster.on_file(self._touched)

    async def work(self, rounds: int, within: float) -> None:
        """Let every client read a key and then write it, so many times, all of them at once."""
        try:
            async with asyncio.timeout(within):
                await asyncio.gather(*(self._work(clerk, rounds) for clerk in self._clerks))
        except TimeoutError:
            done = sum(operation.returned is not None for operation in self._cluster.history)
            total = 2 * rounds * len(self._clerks)
            raise AssertionError(
                f"after {within:g} s the clients have had answers to {done} of {total} requests"
            ) from None

    async def _work(self, clerk: Session, rounds: int) -> None:
        random = Random(f"{self._cluster.seed} {clerk.id}")
        for n in range(rounds):
            key = random.choice(KEYS)
            try:
                _, version = await clerk.invoke("get", key, type=tuple[str, int])
            except KeyDoesNotExist:
                version = 0
            try:
                await clerk.invoke("put", key, f"{clerk.id}, put {n}", version, type=None)
            except RPCError:
                pass  # the history says which

    async def suffer(self, rounds: int, within: float) -> None:
        """The same, while the server is killed again and again, with and without a loss of power."""
        crashing = asyncio.create_task(self._crash())
        working = asyncio.create_task(self.work(rounds, within))
        await asyncio.wait((crashing, working), return_when=asyncio.FIRST_COMPLETED)
        if crashing.done():
            working.cancel()
            crashing.result()
        crashing.cancel()
        await working

    async def _crash(self) -> None:
        cluster, random, server = self._cluster, self._cluster.random, self._server
        while True:
            await asyncio.sleep(random.uniform(SOON, 0.3))
            if not server.running:
                said = "; ".join(server.printed("advice")[-1:])
                raise AssertionError(f"started again after a crash, the server ends: {said}")
            self._left = random.randrange(9)
            await asyncio.sleep(SOON)
            self._left = None
            await (cluster.lose_power if random.random() < 0.5 else cluster.crash)(server)
            await asyncio.sleep(random.uniform(0, LONGEST_OUTAGE))
            await cluster.restart(server)

    def _touched(self, touch: Touch) -> Leave:
        if self._left is None or touch.node != self._server.id:
            return GO
        self._left -= 1
        return GO if self._left >= 0 else DIE


async def service_in(cluster: Cluster, clients: int) -> Service:
    """Start a server over a storage of the student's, and clients."""
    server = await server_in(cluster)
    clerks = await cluster.clients(clients, f"{APPS}/clerk.py:Clerk", server=server.id)
    return Service(cluster, server, clerks)


async def server_in(cluster: Cluster) -> Member:
    """Start a server over a storage of the student's."""
    return await cluster.start("storage/server.py:StorageServer", storage=STORAGE)
