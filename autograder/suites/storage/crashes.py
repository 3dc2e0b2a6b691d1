"""Every moment at which a machine may stop, and what the storage finds afterwards.

While a storage does a series of puts, the cluster keeps a copy of its disk before each operation on it.
Each copy is a moment at which a kill, or a loss of power, may have struck. Then the storage is made anew
on every one of them, as it was left by a kill, or on what a loss of power has left of it.
(Pillai and others, All File Systems Are Not Created Equal, OSDI 2014, section 3, explore the same.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import NamedTuple, Protocol

from autograder.cluster.disk import SimulatedDisk
from autograder.suites.storage.conformance import Entry, Store, difference_of, put, short
from labs.node import RPCError
from labs.node.disk import DiskOperation

Entries = dict[str, Entry]


class CrashStore(Store, Protocol):
    """A storage whose disk can be looked at, and made to be as a crash leaves it."""

    simulated: SimulatedDisk

    async def recover(self) -> Entries:
        """Make the storage anew, as after a kill, and return what it holds."""


class Put(NamedTuple):
    """A put that succeeds after those before it."""

    key: str
    value: str
    version: int


class Moment(NamedTuple):
    """A disk as it stood; `done` puts had been acknowledged, and the next may have begun."""

    disk: SimulatedDisk
    done: int
    when: str


def some_puts(random: Random, number: int) -> list[Put]:
    """Puts of few keys, so that most of them are overwritten; values of several lengths."""
    versions = dict.fromkeys("abc", 0)
    found = []
    for n in range(1, number + 1):
        key = random.choice("abc")
        found.append(Put(key, f"{n}" * random.randint(1, 60), versions[key]))
        versions[key] += 1
    return found


def states_of(puts: Sequence[Put]) -> list[Entries]:
    """What is stored before the first put, after it, after the second, and so on."""
    states: list[Entries] = [{}]
    for key, value, version in puts:
        states.append({**states[-1], key: Entry(value, version + 1)})
    return states


async def moments_of(store: CrashStore, puts: Sequence[Put]) -> list[Moment]:
    """Open the storage and do the puts; the moments on the way, around each operation of the disk."""
    await store.open()
    disk, done = store.simulated, 0
    found: list[Moment] = []
    with observed(disk) as steps:
        for key, value, version in puts:
            await put(store, key, value, version)
            found += [Moment(left, done, f"{when} of put {done + 1}") for left, when in steps]
            steps.clear()
            done += 1
            found.append(Moment(disk.copy(), done, f"after put {done}"))
    return found


@contextmanager
def observed(disk: SimulatedDisk) -> Iterator[list[tuple[SimulatedDisk, str]]]:
    """Keep copies of a disk: before each operation, and amid each write."""
    found: list[tuple[SimulatedDisk, str]] = []

    def note(operation: DiskOperation) -> None:
        found.append((disk.copy(), f"before {show(operation)}"))
        if operation.verb == "append":
            half = disk.copy()
            half.perform(half_of(operation))
            found.append((half, f"amid {show(operation)}"))

    disk.before = note
    try:
        yield found
    finally:
        disk.before = None


def half_of(operation: DiskOperation) -> DiskOperation:
    """A write that was cut short."""
    return DiskOperation("append", operation.name, operation.data[: len(operation.data) // 2])


def show(operation: DiskOperation) -> str:
    """A disk operation in words."""
    return f"the {operation.verb} of {operation.name}" if operation.name else operation.verb


def losses(disk: SimulatedDisk, random: Random, number: int) -> Iterator[SimulatedDisk]:
    """What so many losses of power may leave of a disk, as it is now."""
    before = disk.copy()
    for _ in range(number):
        left = before.copy()
        left.lose_power(random)
        yield left


class Survivor:
    """Makes a storage anew on what a crash has left, and compares."""

    def __init__(self, store: CrashStore, puts: Sequence[Put]) -> None:
        self._store = store
        self._puts = puts
        self._states = states_of(puts)

    async def check(self, left: SimulatedDisk, moment: Moment, how: str) -> Entries:
        """What is there. Raises `AssertionError` if a put is lost, or there in part.

        That is, unless it is what all acknowledged puts have made, or these and the next.
        """
        self._store.simulated.become(left)
        told = f"{how} {moment.when}"
        try:
            found = await self._store.recover()
        except RPCError as error:
            raise AssertionError(f"{told}, the storage does not open: {error}") from None
        states = self._states[moment.done : moment.done + 2]
        assert found in states, f"{told}, {self._problem(found, moment.done)}"
        return found

    def _problem(self, found: Entries, done: int) -> str:
        """What is wrong, in the words of what the storage promises."""
        for n, state in enumerate(self._states[:done]):
            if found == state:
                lost = self._puts[n]
                return f"put {n + 1} (of {short(lost.key)}) is gone, although it was acknowledged"
        return f"the storage {difference_of(found, self._states[done])}"
