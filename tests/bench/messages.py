"""How many messages a second the command host keeps up with: requests and replies of an echo in C.

The processor time of the harness is measured, too, since machines are busy: it is what limits it on one
that is not.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from autograder.catalog import REPOSITORY
from autograder.gossip.load import Load
from autograder.gossip.options import Order
from autograder.gossip.trial import attempt
from tests.bench.rows import Row, at_least

ECHO = REPOSITORY / "tests/foreign/c/echo.c"
WANTED = 10_000  # messages a second
LOAD = Load(nodes=2, concurrency=200, rate=WANTED / 2, time_limit=5, calm=0)


class Measured(NamedTuple):
    """What one run came to."""

    messages: int
    seconds: float  # of the load
    core: float  # seconds of the harness's processor time
    median: float  # seconds from a request to its reply


def measure(quick: bool) -> list[Row]:
    """The rows of this bench."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        program = Path(folder) / "echo"
        subprocess.run(["cc", "-O2", "-o", program, ECHO], check=True)
        found = max(
            (run(program) for _ in range(1 if quick else 3)), key=lambda each: each.messages
        )
    note = f"{found.messages:,} messages"
    return [
        Row("messages offered", WANTED, "1/s"),
        Row("messages carried, command host", found.messages / found.seconds, "1/s",
            at_least(0.98 * WANTED), note),
        Row("messages in a second of a core", found.messages / found.core, "1/s",
            at_least(WANTED), note),
        Row("median of an echo", 1000 * found.median, "ms", None, note),
    ]  # fmt: skip


def run(program: Path) -> Measured:
    """Offer the load to two nodes."""
    order = Order("echo", str(program), Path("/"), "command", "wall", LOAD, (), 1)
    began = time.process_time()
    trial = attempt(order)
    core = time.process_time() - began
    if trial.run is None:
        raise RuntimeError(trial.found.seen)
    done = [each for each in trial.run.operations if each.returned is not None]
    took = sorted((each.returned or 0) - each.invoked for each in done)
    return Measured(2 * len(done), LOAD.time_limit, core, took[len(took) // 2] / 1e6)
