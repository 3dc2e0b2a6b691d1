"""A clerk of the store that the cluster serves, whose every answer is decided by the test."""

from typing import Any

from labs.node import Node, RPCError
from labs.node.hosts.load import load

PATIENCE = 3_600.0  # seconds; that store answers everything, if late
Get, Put, Maybe = (load(f"kv/messages.py:{name}") for name in ("Get", "Put", "Maybe"))


class StoreClerk:
    """Asks once. Whether a put is a Maybe is said by the store, in the place of a clerk."""

    def __init__(self, node: Node, store: str) -> None:
        self._node = node
        self._store = store

    async def get(self, key: str) -> tuple[str, int]:
        """The value of a key and its version. Raises `KeyDoesNotExist`."""
        entry = await self._ask(Get(key))
        return entry.value, entry.version

    async def put(self, key: str, value: str, version: int) -> None:
        """Put. Raises `KeyDoesNotExist`, `PreconditionFailed` or `Maybe`."""
        await self._ask(Put(key, value, version))

    async def _ask(self, request: Any) -> Any:
        try:
            return await self._node.call(self._store, request, PATIENCE)
        except RPCError as error:
            if error.code == Maybe.code:
                raise Maybe(error.text) from None
            raise
