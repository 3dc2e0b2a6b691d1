"""What every backend promises that keeps its files on the disk of its node: checks like `conformance.py`.

They take a storage on a simulated disk, and explore its crashes (`crashes.py`). `random` chooses the puts,
and what each loss of power leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from autograder.suites.storage.crashes import (
    CrashStore,
    Survivor,
    losses,
    moments_of,
    observed,
    some_puts,
)

CrashCheck = Callable[[CrashStore, Random], Coroutine[Any, Any, None]]


async def killed_at_every_moment(store: CrashStore, random: Random) -> None:
    """At whatever moment a kill strikes, acknowledged puts are there, and the last whole or not."""
    puts = some_puts(random, 40)
    survivor = Survivor(store, puts)
    for moment in await moments_of(store, puts):
        await survivor.check(moment.disk, moment, "killed")


async def power_lost_at_every_moment(store: CrashStore, random: Random) -> None:
    """At whatever moment the power is lost, acknowledged puts are there, and the last whole or not."""
    puts = some_puts(random, 12)
    survivor = Survivor(store, puts)
    for moment in await moments_of(store, puts):
        for left in losses(moment.disk, random, 10):
            await survivor.check(left, moment, "when the power was lost")


async def power_lost_while_it_opens(store: CrashStore, random: Random) -> None:
    """If the power is lost again while the storage is made anew after a crash, nothing else is lost."""
    puts = some_puts(random, 4)
    survivor = Survivor(store, puts)
    for moment in await moments_of(store, puts):
        for before in [moment.disk, *losses(moment.disk, random, 2)]:
            with observed(store.simulated) as steps:
                await survivor.check(before, moment, "crashed")
            for left, when in steps:
                [again] = losses(left, random, 1)
                await survivor.check(
                    again, moment, f"when the power was lost {when}, after a crash"
                )


async def what_was_read_stays(store: CrashStore, random: Random) -> None:
    """What was read after a kill, of a put without an answer, no loss of power takes back."""
    puts = some_puts(random, 12)
    survivor = Survivor(store, puts)
    for moment in await moments_of(store, puts):
        read = await survivor.check(moment.disk, moment, "killed")
        for left in losses(store.simulated, random, 6):
            found = await survivor.check(left, moment, "when the power was lost after a kill")
            lost = f"killed {moment.when}, the put was read, and then lost with the power"
            assert found == read, lost


CRASH_CHECKS: tuple[CrashCheck, ...] = (
    killed_at_every_moment,
    power_lost_at_every_moment,
    power_lost_while_it_opens,
    what_was_read_stays,
)
