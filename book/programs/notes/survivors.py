"""What a loss of power may leave of a note, at every moment of a save."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from autograder.cluster import Cluster
from autograder.cluster.disk import SimulatedDisk
from autograder.suites.storage.crashes import losses, observed
from book.figures.page import Figure
from book.figures.runs import PROGRAMS, run
from book.figures.table import table
from labs.node import Disk

OLD, NEW = "call the bank.", "the bank has called."
LOSSES = 200  # of power, at each moment
WORDS = {"before sync": "before the sync of the folder"}
ORDER = ("old", "new", "lost", "empty", "torn")

Moments = list[tuple[SimulatedDisk, str]]


def survivors(program: str) -> Figure:
    """A table for a program of notes: what losses of power leave, at each moment of a save."""
    saves = [{"type": "save", "text": text} for text in (OLD, NEW)]
    moments = moments_of(program, saves, PROGRAMS)
    return shown(f"{program.rpartition(':')[2]}: the power is lost", moments, "note")


def survivors_of_storage(root: Path) -> Figure:
    """The same for the lab's `FileStorage` in `root`. Which operations it does is not said."""
    key = {"type": "put", "key": "note"}
    puts = [{**key, "value": text, "version": n} for n, text in enumerate((OLD, NEW))]
    storage = {"$class": "storage/file.py:FileStorage"}
    server = "storage/server.py:StorageServer"
    *during, (last, answered) = moments_of(server, puts, root, storage=storage)
    unnamed = [(disk, f"moment {n}") for n, (disk, _) in enumerate(during, 1)]
    return shown("the reference: the power is lost", [*unnamed, (last, answered)], "store.json")


def moments_of(program: str, bodies: list[dict[str, Any]], root: Path, **options: Any) -> Moments:
    """Copies of the disk around each operation on it, while the second of two requests is answered."""
    found: Moments = []

    async def asked_twice(cluster: Cluster) -> None:
        server = await cluster.start(program, **options)
        await cluster.call(server, bodies[0])
        make_durable(server.disk)
        with observed(server.disk) as steps:
            await cluster.call(server, bodies[1])
        found.extend([*steps, (server.disk.copy(), "after the answer")])

    run(asked_twice, root=root).must_pass()
    return [(disk, WORDS.get(when, when.replace("append", "write"))) for disk, when in found]


def make_durable(disk: SimulatedDisk) -> None:
    """Let all that is on a disk survive."""
    files = Disk(disk.perform)
    for name in files.names():
        files.open(name, "ab").fsync()
    files.sync()


def shown(title: str, moments: Moments, name: str) -> Figure:
    """A row for each moment."""
    rows = {when: {"what is left": left_of(disk, name, when)} for disk, when in moments}
    return table(rows, title, lambda left: set(str(left).split(" or ")) <= {"old", "new"})


def left_of(disk: SimulatedDisk, name: str, when: str) -> str:
    """What may be left of a file when the power is lost now."""
    found = {state_of(left, name) for left in losses(disk, Random(1), LOSSES)}
    if when == "after the answer" and "old" in found:
        found = found - {"old"} | {"lost"}
    return " or ".join(sorted(found, key=ORDER.index))


def state_of(disk: SimulatedDisk, name: str) -> str:
    """Which note a file holds."""
    files = Disk(disk.perform)
    text = text_in(files.open(name).read()) if files.exists(name) else ""
    return {OLD: "old", NEW: "new", "": "empty"}.get(text, "torn")


def text_in(data: bytes) -> str:
    """The note in a file: as it stands there, or in the JSON of the lab."""
    try:
        return str(json.loads(data)["note"]["value"])
    except ValueError:
        return data.decode()
