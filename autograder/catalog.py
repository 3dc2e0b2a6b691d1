"""The labs: what a student hands in for each, and where its suite stands."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SUITES = REPOSITORY / "autograder" / "suites"
GIVEN = REPOSITORY / "labs"  # the files that every student has


@dataclass(frozen=True)
class Lab:
    """One lab; `files` are relative to a root and are the student's own."""

    name: str
    title: str
    files: tuple[str, ...]

    @property
    def suite(self) -> list[Path]:
        """The modules of the lab's tests, in the order in which its suite names them."""
        package = importlib.import_module(f"autograder.suites.{self.name}")
        return [SUITES / self.name / f"{module}.py" for module in package.MODULES]


def own_files() -> tuple[str, ...]:
    """The files that students write, of all labs."""
    return tuple(file for lab in LABS.values() for file in lab.files)


def apps() -> list[Path]:
    """The folders of programs that suites have nodes run, beside the students'."""
    return sorted(SUITES.glob("*/apps"))


LABS = {
    lab.name: lab
    for lab in (
        Lab(
            "mapreduce",
            "MapReduce",
            ("mapreduce/messages.py", "mapreduce/coordinator.py", "mapreduce/worker.py"),
        ),
        Lab("kv", "Versioned key/value store", ("kv/server.py", "kv/clerk.py")),
        Lab("lock", "Lock", ("lock/lock.py",)),
        Lab("lease", "Lease, an extension of the lock", ("lease/lease.py",)),
        Lab("exactly_once", "Exactly once", ("exactly_once/server.py", "exactly_once/clerk.py")),
        Lab("storage", "Storage", ("storage/file.py",)),
        Lab(
            "gossip",
            "Gossip",
            (
                "gossip/echo.py",
                "gossip/unique_ids.py",
                "gossip/broadcast.py",
                "gossip/broadcast_fast.py",
                "gossip/broadcast_few.py",
                "gossip/counter.py",
                "gossip/counter_crdt.py",
                "gossip/pn_counter.py",
                "gossip/log.py",
                "gossip/log_on_lin_kv.py",
                "gossip/log_efficient.py",
                "gossip/transactions.py",
                "gossip/read_uncommitted.py",
                "gossip/read_committed.py",
            ),
        ),
    )
}
