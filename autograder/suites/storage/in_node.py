"""A storage in the process of a node: it is used by the test's session, and its disk is the cluster's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.cluster import Cluster
from autograder.cluster.sessions import Session
from autograder.suites.storage.conformance import Entries, Entry

APPS = Path(__file__).parent / "apps"
FAILED, DAMAGED = 1002, 1003  # the codes of `StorageFailed` and `StorageDamaged`
STORAGE = {"$class": "storage/file.py:FileStorage"}


class InNode:
    """A `Store` (`conformance.py`)."""

    def __init__(self, cluster: Cluster, session: Session) -> None:
        self._cluster = cluster
        self._session = session
        self.member = session.member
        self.simulated = session.member.disk

    async def open(self) -> None:
        await self._session.invoke("open", type=None)

    async def close(self) -> None:
        await self._session.invoke("close", type=Any)

    async def get(self, key: str) -> Entry:
        found: Entry = await self._session.invoke("get", key, type=Entry)
        return found

    async def put(self, key: str, value: str, version: int) -> None:
        await self._session.invoke("put", key, value, version, type=Any)

    async def items(self, *prefix: str) -> Entries:
        found: Entries = await self._session.invoke("items", *prefix, type=Entries)
        return found

    async def recover(self) -> dict[str, Entry]:
        """Make the storage anew, as after a kill, and return what it holds."""
        return dict(await self._session.invoke("recover", type=Entries))

    async def kill(self) -> None:
        """Kill its process, and start another."""
        await self._cluster.crash(self.member)
        await self._cluster.restart(self.member)

    async def lose_power(self) -> None:
        """Kill its process, lose what was not durable, and start another process."""
        await self._cluster.lose_power(self.member)
        await self._cluster.restart(self.member)


async def storage_in(cluster: Cluster) -> InNode:
    """A storage of the student's in a node of its own, not opened yet."""
    [session] = await cluster.clients(1, f"{APPS}/holder.py:Holder", storage=STORAGE)
    return InNode(cluster, session)
