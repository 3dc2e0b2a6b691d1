"""Small nodes in other languages, written against docs/protocol.md alone, each with wrong twins.

A twin is the same program with `WRONG` in its environment; the head of the file says what is wrong then.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from autograder.gossip.load import Load
from autograder.gossip.options import Order

HERE = Path(__file__).parent
QUICK = Load(nodes=3, concurrency=6, rate=150, time_limit=0.8, calm=0.1)
CUT = replace(
    QUICK, calm=1.2, timeout=0.5, interval=0.05
)  # with time for nodes to agree in the end
LINE = replace(CUT, topology="line")
PARTITION = ("partition",)


@dataclass(frozen=True)
class Foreign:
    """A program, its interpreter or compiler, and what it is put through. `wrong` names its twins."""

    workload: str
    tool: str
    file: str
    wrong: tuple[str, ...]
    faults: tuple[str, ...] = ()
    load: Load = QUICK

    def order(self, folder: Path) -> Order:
        """The run of this program; skips the test where the machine lacks what it takes."""
        found = shutil.which(self.tool)
        if found is None:
            pytest.skip(f"there is no {self.tool} on this machine")
        program = f"{found} {HERE / self.file}"
        if self.file.endswith(".c"):
            program = str(folder / "program")
            subprocess.run([found, "-O2", "-o", program, HERE / self.file], check=True)
        return Order(
            self.workload, program, Path("/"), "command", "wall", self.load, self.faults, 1
        )


PROGRAMS = (
    Foreign("echo", "cc", "c/echo.c", ("late",)),
    Foreign("unique-ids", "bash", "shell/unique_ids.sh", ("alone",), PARTITION, CUT),
    Foreign("broadcast", "node", "javascript/broadcast.js", ("forgetful",), PARTITION, LINE),
    Foreign("g-set", "perl", "perl/g_set.pl", ("forgetful",), PARTITION, CUT),
    Foreign("g-counter", "perl", "perl/counter.pl", ("twice",), PARTITION, CUT),
    Foreign("pn-counter", "perl", "perl/counter.pl", ("twice",), PARTITION, CUT),
    Foreign("kafka", "node", "javascript/kafka.js", ("reuse", "commits")),
    Foreign("lin-kv", "node", "javascript/lin_kv.js", ("apart",)),
    Foreign("txn-list-append", "node", "javascript/transactions.js", ("apart", "lost")),
    Foreign("txn-rw-register", "node", "javascript/transactions.js", ("apart", "lost")),
    Foreign("lock", "node", "javascript/lock.js", ("apart", "thief")),
)
