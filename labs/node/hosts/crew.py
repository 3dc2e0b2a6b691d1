"""The nodes of a real job, on one of three infrastructures: tasks, threads, or processes.

    tasks       asyncio tasks in one thread; messages stay in memory             `Tasks`, here
    threads     a thread and an event loop for each node; they talk over TCP     `Threads`, here
    processes   a process for each node; they talk over TCP                      `processes.py`

The node classes are the same in all three, and are those that a cluster runs.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple, Protocol

from labs.node.hosts.local import LocalNetwork, PatientLoop
from labs.node.hosts.real import explain
from labs.node.hosts.tcp import Address, TcpHost, listen
from labs.node.node import Node

LOOPBACK = "127.0.0.1"
Life = Coroutine[Any, Any, None]

PARTING = 1.0  # seconds that a thread gets to end; a function that computes cannot be interrupted


class Outcome(NamedTuple):
    """How a node ended: its `main` returned, or it failed with a `problem`, or it was `killed`."""

    id: str
    problem: str | None = None
    killed: bool = False


class Crew(Protocol):
    """Runs nodes."""

    def start(
        self, cls: type[Node], id: str, options: Mapping[str, Any], listens: bool = False
    ) -> None:
        """Start a node; those started later can call it if it `listens`, by its `id`."""

    def wait(self, seconds: float) -> Outcome | None:
        """How a node ended, each of them once; None if none ends within so long."""

    def kill(self, id: str) -> None:
        """End a node as a crash does, as far as the infrastructure can."""

    def close(self) -> None:
        """Kill whatever still runs."""


class Outcomes:
    """What has come of nodes, handed from the threads that know it to the one that waits for it."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self.put = self._queue.put

    def wait(self, seconds: float) -> Outcome | None:
        """See `Crew.wait`."""
        try:
            return self._queue.get(timeout=seconds)
        except queue.Empty:
            return None


class LoopThread:
    """A daemon thread with an event loop, on which other threads start and cancel nodes."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ended: Outcomes) -> None:
        self._loop = loop
        self._ended = ended
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop().run_forever()

    def start(self, id: str, make: Callable[[], Life]) -> None:
        """Run the life that `make` makes, and put its outcome into the queue."""
        self._call(lambda: self._tasks.update({id: self._loop.create_task(self._live(id, make))}))

    def cancel(self, id: str) -> None:
        """Cancel a node, at its next `await`."""
        self._call(lambda: id in self._tasks and self._tasks[id].cancel())

    def stop(self) -> None:
        """Cancel all nodes and then end the thread, as soon as what computes there lets it."""
        self._call(self._cancel_all)

    def _cancel_all(self) -> None:
        self._stopping = True
        for task in self._tasks.values():
            task.cancel()
        self._stop_if_idle()

    def _stop_if_idle(self) -> None:
        """End the thread, once: a second stop would strike the loop while it is being closed."""
        if self._stopping and not self._tasks and not self._stopped:
            self._stopped = True
            self._loop.stop()

    def join(self) -> None:
        """Wait a little for the thread to end."""
        self._thread.join(PARTING)

    def _call(self, function: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            pass  # the loop is closed

    async def _live(self, id: str, make: Callable[[], Life]) -> None:
        outcome = Outcome(id, killed=True)
        try:
            outcome = await judge(id, make())
        finally:
            del self._tasks[id]
            self._ended.put(outcome)
            self._stop_if_idle()


async def judge(id: str, life: Life) -> Outcome:
    """The outcome of a node's life, unless it is cancelled."""
    try:
        await life
    except SystemExit as end:
        return Outcome(id, f"ended with exit code {end.code}" if end.code else None)
    except Exception as problem:
        return Outcome(id, explain(problem))
    return Outcome(id)


class Tasks:
    """Nodes as tasks of one event loop; see `Crew`. The loop has a thread, so that a notebook can wait."""

    def __init__(self) -> None:
        self._ended = Outcomes()
        self.wait = self._ended.wait
        self._thread = LoopThread(PatientLoop(), self._ended)
        self._network = LocalNetwork()

    def start(
        self, cls: type[Node], id: str, options: Mapping[str, Any], listens: bool = False
    ) -> None:
        self._thread.start(id, lambda: self._network.run(cls, id, options))

    def kill(self, id: str) -> None:
        self._thread.cancel(id)

    def close(self) -> None:
        self._thread.stop()
        self._thread.join()


class Threads:
    """Nodes as threads, each with an event loop of its own, that talk over TCP; see `Crew`."""

    def __init__(self) -> None:
        self._ended = Outcomes()
        self.wait = self._ended.wait
        self._addresses: dict[str, Address] = {}
        self._threads: dict[str, LoopThread] = {}

    def start(
        self, cls: type[Node], id: str, options: Mapping[str, Any], listens: bool = False
    ) -> None:
        host = TcpHost(id, self._addresses)
        listener = listen((LOOPBACK, 0)) if listens else None
        if listener is not None:
            self._addresses[id] = listener.getsockname()[:2]

        async def life() -> None:
            try:
                await host.run(cls, options, listener)
            finally:
                thread.stop()

        thread = self._threads[id] = LoopThread(asyncio.new_event_loop(), self._ended)
        thread.start(id, life)

    def kill(self, id: str) -> None:
        self._threads[id].cancel(id)

    def close(self) -> None:
        for thread in self._threads.values():
            thread.stop()
        for thread in self._threads.values():
            thread.join()
