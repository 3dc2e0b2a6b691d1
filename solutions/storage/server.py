"""The versioned key/value server over a storage.

A storage blocks: its methods are plain functions, and while one of them waits for the disk, this
process does nothing else. So a put holds up every other request by the milliseconds of its fsyncs. Here
that costs little, since every request needs the storage, and a storage does one thing at a time. What
it costs is everything else that a node may have to do in time, such as answering a heartbeat.

`await asyncio.to_thread(self.storage.put, ...)` would keep the loop free: on a real machine the put runs
in another thread, and other handlers go on meanwhile. Then two calls of the storage may overlap, which
it does not promise to bear; an `asyncio.Lock` around all of them has to keep them apart. Under virtual
time a node has one thread: the function runs whole, at a later turn of the loop. So the suite sees
handlers change places at that `await`, but never two of them inside the storage. That a test passes
there says nothing about a lock that is missing.
"""

from __future__ import annotations

from collections.abc import Callable

from kv.messages import Get, GetOk, Put, PutOk
from labs.node import Disk, Node, handler
from storage.storage import Storage


class StorageServer(Node):
    """Answers `Get` and `Put` from its storage; every error of the storage is the answer, as it is.

    `storage` is the class of a backend, as `--storage FILE.py:Class` names it; in a cluster, it is the
    option `{"$class": "storage/file.py:FileStorage"}`. It is made here, with this node's disk, so that
    a damaged one keeps the server from starting.
    """

    def __init__(self, storage: Callable[[Disk], Storage]) -> None:
        self.storage = storage(self.disk)

    @handler
    async def get(self, request: Get) -> GetOk:
        """The value and the version of a key, or `KeyDoesNotExist`."""
        value, version = self.storage.get(request.key)
        return GetOk(value, version)

    @handler
    async def put(self, request: Put) -> PutOk:
        """Store a value; it is durable before the answer goes out."""
        self.storage.put(request.key, request.value, request.version)
        return PutOk()
