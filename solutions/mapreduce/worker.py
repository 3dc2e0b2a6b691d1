"""The worker: does one task after another (Dean & Ghemawat 2004, section 3.1).

Files in the shared folder:

    mr-X-Y      the pairs of map task X that belong to reduce task Y
    mr-out-Y    the output of reduce task Y
"""

# BEGIN SOLUTION
import asyncio
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

# END SOLUTION
from labs.node import CallTimeout, Node, Request, RPCError
from mapreduce.app import App, format_line, read_input
from mapreduce.messages import Exit, GetTask, MapDone, MapTask, ReduceDone, ReduceTask, Wait

POLL = 0.1  # seconds between two requests of a worker that has nothing to do
CALL_TIMEOUT = 0.3  # seconds after which a message or its reply counts as lost
TRIES = 50  # calls without an answer, one after another, until a worker gives up: 15 s

# BEGIN SOLUTION: All workers must agree on which reduce task a key belongs to.
_ReplyT = TypeVar("_ReplyT")

# Pairs travel as JSON, one a line: keys and values may hold tabs, newlines, anything.
_encode_into = msgspec.json.Encoder().encode_into
_decode_lines = msgspec.json.Decoder(tuple[str, str]).decode_lines


def _partition(key: str, n_reduce: int) -> int:
    """The reduce task of a key. Not `hash`, which is salted: each process has another one."""
    return zlib.crc32(key.encode()) % n_reduce


# END SOLUTION


class Worker(Node):
    """Asks `coordinator` for tasks and does them with `app`, until it is told that the job is over.

    All files are in `folder`; an input may also have an absolute path. An output or intermediate
    file appears whole or not at all. A worker whose coordinator does not answer any more gives up.
    """

    def __init__(self, coordinator: str, app: App, folder: str) -> None:
        # BEGIN SOLUTION
        self._coordinator = coordinator
        self._app = app
        self._folder = Path(folder)
        # No other worker has this name, not even the same node before or after a restart.
        self._name = f"{self.id}-{self.random.getrandbits(32):08x}"
        # END SOLUTION

    async def main(self) -> None:
        """Returns when the job is over, or when the coordinator does not answer any more."""
        # BEGIN SOLUTION: Ask for a task, do it, report it. A single CallTimeout says nothing.
        try:
            while not isinstance(task := await self._ask(GetTask(self._name)), Exit):
                await self._do(task)
        except RPCError:
            pass  # the coordinator is gone, most likely because the job is over
        # END SOLUTION

    # BEGIN SOLUTION: Map, reduce, and a way to put a file in its place.
    async def _do(self, task: MapTask | ReduceTask | Wait) -> None:
        """Do what the coordinator says. A report comes after all files are in place."""
        match task:
            case MapTask():
                self._map(task)
                await self._ask(MapDone(self._name, task.number))
            case ReduceTask():
                self._reduce(task)
                await self._ask(ReduceDone(self._name, task.number))
            case Wait():
                await asyncio.sleep(POLL)

    async def _ask(self, request: Request[_ReplyT]) -> _ReplyT:
        """Call the coordinator until it answers; raises the last `RPCError` after so many tries.

        It counts tries, not seconds: a worker that was stopped for a minute must not take its own
        silence for its coordinator's.
        """
        for _ in range(TRIES - 1):
            try:
                return await self.call(self._coordinator, request, CALL_TIMEOUT)
            except CallTimeout:
                continue
            except RPCError:  # an answer, at once, that there is none now
                await asyncio.sleep(CALL_TIMEOUT)
        return await self.call(self._coordinator, request, CALL_TIMEOUT)

    # A task blocks this node's loop while it runs. Nothing is lost by that: a worker has no
    # handlers, does one task at a time, and is not asked for signs of life.

    def _map(self, task: MapTask) -> None:
        """Part the pairs of one input by the reduce task that their key belongs to."""
        parts = [bytearray() for _ in range(task.n_reduce)]
        contents = read_input(self._folder / task.file)
        for key, value in self._app.map(task.file, contents):
            part = parts[_partition(key, task.n_reduce)]
            _encode_into((key, value), part, -1)
            part += b"\n"
        for y, part in enumerate(parts):
            self._put(f"mr-{task.number}-{y}", [part])

    def _reduce(self, task: ReduceTask) -> None:
        """Bring the pairs of one reduce task together, and reduce them key by key, in order."""
        groups: dict[str, list[str]] = {}
        for x in range(task.n_map):
            lines = (self._folder / f"mr-{x}-{task.number}").read_bytes()
            for key, value in _decode_lines(lines):
                groups.setdefault(key, []).append(value)
        reduced = ((key, self._app.reduce(key, groups[key])) for key in sorted(groups))
        self._put(f"mr-out-{task.number}", (format_line(*pair).encode() for pair in reduced))

    def _put(self, name: str, content: Iterable[bytes | bytearray]) -> None:
        """Write a file, and put it in its place when it is complete (section 3.3).

        Two workers may do the same task at the same time, so each has a temporary name of its own.
        No fsync: what is written outlives the death of its process and is seen by all others. It
        might not outlive a power failure, but then the job is run again as a whole.
        """
        temporary = self._folder / f".{name}.{self._name}"
        with temporary.open("wb") as file:
            file.writelines(content)
        os.replace(temporary, self._folder / name)

    # END SOLUTION
