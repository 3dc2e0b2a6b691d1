"""The nodes of a real job as processes, which talk over TCP."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import msgspec
from multiprocess import connection, get_all_start_methods, get_context, parent_process

from labs.node.hosts.crew import LOOPBACK, Outcome, Outcomes, judge
from labs.node.hosts.parcel import Parcel, pack, unpack
from labs.node.hosts.tcp import Address, TcpHost, listen
from labs.node.node import Node

# A fork of this process could copy a lock that another thread holds, and a notebook is full of
# threads. A fork server has none, and is as quick once it runs.
METHOD = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"

_main_lock = threading.Lock()


class Processes:
    """Nodes as processes; see `Crew`. None of them outlives this process, however that ends."""

    def __init__(self) -> None:
        self._ended = Outcomes()
        self.wait = self._ended.wait
        self._context = get_context(METHOD)
        if METHOD == "forkserver":
            self._context.set_forkserver_preload([__name__])
        self._addresses: dict[str, Address] = {}
        self._processes: dict[str, Any] = {}
        self._watchers: list[threading.Thread] = []

    def start(
        self, cls: type[Node], id: str, options: Mapping[str, Any], listens: bool = False
    ) -> None:
        parcel = pack((cls, dict(options)))
        listener = listen((LOOPBACK, 0)) if listens else None
        if listener is not None:
            self._addresses[id] = listener.getsockname()[:2]
        ours, theirs = self._context.Pipe(duplex=False)
        arguments = (id, dict(self._addresses), parcel, listener, theirs)
        process = self._context.Process(target=run, args=arguments, name=id, daemon=True)
        try:
            with hidden_main():
                process.start()
        finally:
            theirs.close()
            if listener is not None:
                listener.close()
        self._processes[id] = process
        watcher = threading.Thread(target=self._watch, args=(id, process, ours), daemon=True)
        self._watchers.append(watcher)
        watcher.start()

    def _watch(self, id: str, process: Any, pipe: connection.Connection) -> None:
        """Wait for the end of a process, and say how it ended."""
        with pipe:
            try:
                outcome = msgspec.json.decode(pipe.recv_bytes(), type=Outcome)
            except (EOFError, OSError):
                outcome = Outcome(id, killed=True)
        process.join()
        self._ended.put(outcome)

    def kill(self, id: str) -> None:
        self._processes[id].kill()

    def close(self) -> None:
        for process in self._processes.values():
            process.kill()
        for watcher in self._watchers:
            watcher.join()


@contextmanager
def hidden_main() -> Iterator[None]:
    """Keep a new process from running this one's main program again, as `multiprocess` has it do.

    A notebook has no such file, a script may lack the guard, and what the nodes need of it is packed.
    """
    with _main_lock:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def run(
    id: str,
    addresses: dict[str, Address],
    parcel: Parcel,
    listener: socket.socket | None,
    pipe: connection.Connection,
) -> None:
    """The life of a process: one node, and then its outcome."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a Ctrl-C in the terminal is for whoever started us
    threading.Thread(target=follow_parent, daemon=True).start()
    outcome = asyncio.run(judge(id, life(id, addresses, parcel, listener)))
    pipe.send_bytes(msgspec.json.encode(outcome))


async def life(
    id: str, addresses: dict[str, Address], parcel: Parcel, listener: socket.socket | None
) -> None:
    """Unpack a node and run it."""
    cls, options = unpack(parcel)
    await TcpHost(id, addresses).run(cls, options, listener)


def follow_parent() -> None:
    """End this process when its parent is gone."""
    parent_process().join()
    os._exit(1)
