"""What the hosts that run nodes for real have in common: no grader, no faults, the clock on the wall."""

from __future__ import annotations

import asyncio
import logging
import os
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from random import Random

from labs.node.disk import Disk, FolderDisk
from labs.node.errors import RPCError
from labs.node.hosts.problems import HERE, Roots, is_quiet, sentence
from labs.node.node import Node

LAST_TURNS = 100  # of the event loop, for what is ready as `main` returns

log = logging.getLogger("labs.node")


class RealHost:
    """A name, chance, a disk that is a folder, and reports that go to the log.

    How messages travel is for the class that derives from it: see `transmit` in `labs.node.node.Host`.
    """

    def __init__(
        self,
        id: str,
        peers: Iterable[str] = (),
        disks: Path = Path("disks"),
        seed: int | None = None,
    ) -> None:
        self.id = id
        self.peers = tuple(peers)
        self.random = Random(None if seed is None else f"{seed} {id}")
        self.disk = Disk(FolderDisk(disks / id).perform, str(disks / id))
        self.last_msg_id = 0

    def report(self, problem: BaseException) -> None:
        """Log what the program did wrong, in one sentence; an `RPCError` is but a warning."""
        if not is_quiet(problem):
            level = logging.WARNING if isinstance(problem, RPCError) else logging.ERROR
            log.log(level, "%s: %s", self.id, explain(problem))


async def live(node: Node) -> None:
    """Run a node's `main` to its end, then stop what else it runs; raises what `main` raises.

    What is ready at that moment still runs, as it does under virtual time: so a handler that waits for
    what also ends `main` gets its reply out.
    """
    try:
        await node.main()
        for _ in range(LAST_TURNS):
            if not node._wiring.tasks:
                break
            await asyncio.sleep(0)
    finally:
        left = list(node._wiring.tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def explain(problem: BaseException) -> str:
    """What went wrong and where, in one sentence."""
    return sentence(problem, Programs())


class Programs(Roots):
    """Every file but those of Python, of installed libraries and of the node library is a program's."""

    def __init__(self) -> None:
        super().__init__(os.getcwd())
        paths = sysconfig.get_paths()
        self._libraries = tuple(paths[name] + os.sep for name in ("stdlib", "purelib", "platlib"))

    def own(self, filename: str) -> bool:
        """See `Roots.own`."""
        return not filename.startswith((HERE, "<frozen", *self._libraries))
