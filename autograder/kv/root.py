"""The store of a root: its clerk, its servers, and the backends that may stand behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.catalog import GIVEN
from autograder.kv.messages import load_methods
from labs.node import Disk, Node
from labs.node.hosts import load
from labs.node.hosts.real import explain
from labs.node.node import create
from labs.node.wiring import Host

BACKENDS = {
    "memory": "storage/memory.py:MemoryStorage",
    "file": "storage/file.py:FileStorage",
    "lmdb": "storage/database.py:DatabaseStorage",
}
Clerk = Callable[[Node, str], Any]

METHODS = ("get", "put", "items", "close")  # of the protocol `Storage`


class Unusable(Exception):
    """What was named cannot be used; says why, in one sentence."""


class Store:
    """A server's node, and the backend that it is given, if it takes one."""

    def __init__(self, cls: type[Node], backend: type[Any] | None = None, blocks: bool = False):
        self.cls = cls
        self.blocks = blocks  # whether a handler may keep its thread waiting
        self._backend = backend
        self._storage: Any = None

    def make(self, host: Host) -> Node:
        """Make the node. Raises what it raises, and its storage."""
        return create(self.cls, host, {} if self._backend is None else {"storage": self._open})

    def _open(self, disk: Disk) -> Any:
        assert self._backend is not None
        self._storage = self._backend(disk)
        return self._storage

    def close(self) -> None:
        """Close the storage, if one was made."""
        if self._storage is not None:
            self._storage.close()


class Root:
    """What a root's store consists of. Raises `Unusable` where it lacks something."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "kv").is_dir():
            raise Unusable(f"{folder} holds no folder kv/: name the one that does")
        load.prepare(str(path.absolute()) for path in dict.fromkeys((folder, GIVEN)))
        self._folder = folder
        self.methods = self._load(load_methods)
        self.maybe: type[Exception] = self._load(lambda: load.load("kv/messages.py:Maybe"))

    def clerk_class(self) -> Clerk:
        """The class of the root's clerks, which are made with a node and the name of a server."""
        found: Clerk = self._load(lambda: load.load("kv/clerk.py:Clerk"))
        return found

    def store(self, storage: str | None) -> Store:
        """The server over a storage that is named as `--storage` names it; None is the plain server."""
        if storage is None:
            return Store(self._load(lambda: load.load_node("kv/server.py:KVServer")))
        backend = self.backend(storage)
        cls = self._load(lambda: load.load_node("storage/server.py:StorageServer"))
        return Store(cls, backend, blocks=storage != "memory")

    def backend(self, storage: str) -> type[Any]:
        """The class of such a storage."""
        program = find_backend(storage)
        found: type[Any] = self._load(lambda: load.load(program))
        refuse_no_backend(storage, found)
        return found

    def _load(self, loading: Callable[[], Any]) -> Any:
        try:
            return loading()
        except Exception as problem:
            raise Unusable(f"cannot use the store in {self._folder}: {explain(problem)}") from None


def find_backend(storage: str) -> str:
    """The program that a name of `--storage` stands for."""
    if storage in BACKENDS:
        return BACKENDS[storage]
    path, colon, name = storage.partition(":")
    if not colon or not name or not path.endswith(".py"):
        names = ", ".join(BACKENDS)
        raise Unusable(f"there is no storage {storage!r}: choose {names}, or write FILE.py:Class")
    if not Path(path).is_file():
        raise Unusable(f"there is no file {path}")
    return f"{Path(path).absolute()}:{name}"


def refuse_no_backend(name: str, backend: object) -> None:
    """Raise `Unusable` for what is no class with the methods of a storage."""
    if not isinstance(backend, type):
        raise Unusable(f"{name} is no class: a backend is one")
    missing = [method for method in METHODS if not callable(getattr(backend, method, None))]
    if missing:
        raise Unusable(f"{name} is no backend: it has no method {', '.join(missing)}")
