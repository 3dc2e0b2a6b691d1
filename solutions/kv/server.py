"""The server of the versioned store: it keeps everything in memory, and never crashes."""

from kv.messages import Get, GetOk, Put, PutOk
from labs.node import KeyDoesNotExist, Node, PreconditionFailed, handler


class KVServer(Node):
    """Keeps values with their versions: how many puts have made them."""

    def __init__(self) -> None:
        # BEGIN SOLUTION
        self._entries: dict[str, GetOk] = {}
        # END SOLUTION

    @handler
    async def get(self, request: Get) -> GetOk:
        """The value and version of a key. Raises `KeyDoesNotExist`."""
        # BEGIN SOLUTION
        if request.key not in self._entries:
            raise KeyDoesNotExist(f"there is no {request.key!r:.80}")
        return self._entries[request.key]
        # END SOLUTION

    @handler
    async def put(self, request: Put) -> PutOk:
        """Set a key whose version is `request.version`; 0 creates it. What is refused changes nothing.

        Raises `KeyDoesNotExist` if there is no such key and the version is not 0, and
        `PreconditionFailed` if the key has another version.
        """
        # BEGIN SOLUTION: Nothing may come between the look at the version and the write.
        entry = self._entries.get(request.key)
        if entry is None and request.version != 0:
            raise KeyDoesNotExist(f"there is no {request.key!r:.80}")
        version = entry.version if entry else 0
        if request.version != version:
            raise PreconditionFailed(f"{request.key!r:.80} has version {version}")
        self._entries[request.key] = GetOk(request.value, version + 1)
        return PutOk()
        # END SOLUTION
