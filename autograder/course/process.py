"""The process that grades one submission: started, watched, and ended with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from autograder.catalog import REPOSITORY
from autograder.course.terms import Terms

GRACE = 10.0  # seconds for the system to end what was killed
TAIL = 2_000  # bytes of what the process said


@dataclass(frozen=True)
class Ended:
    """How it ended: with which exit code, None if the time was over, and its last words."""

    code: int | None
    said: str


def run(folder: Path, arguments: list[str], terms: Terms) -> Ended:
    """Run `autograder` with these arguments, for `terms.time_limit` seconds at most.

    It has a session of its own, and everything in it is dead afterwards. Its temporary files are in
    `folder`, so that whoever removes that leaves nothing behind.
    """
    scratch = folder / "scratch"
    scratch.mkdir(0o711)
    said = folder / "said"
    with said.open("wb") as output:
        process = start(folder, arguments, {**terms.environment(), "TMPDIR": str(scratch)}, output)
        try:
            code = wait(process, terms.time_limit)
        finally:
            end(process)
    return Ended(code, tail(said))


def start(
    folder: Path, arguments: list[str], environment: dict[str, str], output: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start the process on its leash."""
    return subprocess.Popen(
        [sys.executable, "-m", "autograder.course.leash", str(folder), *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=output,
        start_new_session=True,
    )


def wait(process: subprocess.Popen[bytes], limit: float) -> int | None:
    """The exit code; None if the process still runs."""
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        return None


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the process's group; a group has its number as long as it has members."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait(GRACE)
    if process.stdin is not None:
        process.stdin.close()


def tail(file: Path) -> str:
    """The end of what a process said."""
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - TAIL))
        return opened.read(TAIL).decode(errors="replace").strip()
