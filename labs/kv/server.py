"""The server of the versioned store: it keeps everything in memory, and never crashes."""

from kv.messages import Get, GetOk, Put, PutOk
from labs.node import KeyDoesNotExist, Node, PreconditionFailed, handler


class KVServer(Node):
    """Keeps values with their versions: how many puts have made them."""

    def __init__(self) -> None:
        raise NotImplementedError("KVServer.__init__ is yours to write")

    @handler
    async def get(self, request: Get) -> GetOk:
        """The value and version of a key. Raises `KeyDoesNotExist`."""
        raise NotImplementedError("KVServer.get is yours to write")

    @handler
    async def put(self, request: Put) -> PutOk:
        """Set a key whose version is `request.version`; 0 creates it. What is refused changes nothing.

        Raises `KeyDoesNotExist` if there is no such key and the version is not 0, and
        `PreconditionFailed` if the key has another version.
        """
        # Nothing may come between the look at the version and the write.
        raise NotImplementedError("KVServer.put is yours to write")
