"""The command host: any executable that speaks the wire on standard input and output.

It is told its name and its peers by an `init` message, as under Maelstrom. What it writes to standard
error is kept as its output. A program of the labs (`kv/server.py:KVServer`) runs by itself, too.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec

from autograder.cluster.engine import WallEngine
from autograder.cluster.errors import ClusterError, HarnessFault, NodeFault
from autograder.cluster.member import Absorb, Fate
from labs.node.disk import Perform
from labs.node.hosts.control import DIED, FRAME_LIMIT, Ended, Note, Report, Resume, Start
from labs.node.hosts.lockdown import OUTPUT

REPOSITORY = Path(__file__).resolve().parents[3]
STARTER = "c0"  # who sends the `init`
PATIENCE = 10.0  # seconds for the answer to it
PARTING = 1.0  # seconds that a program gets to end after it has closed its output


class CommandHost:
    """Runs executables; the clock is the wall's."""

    name = "command"
    virtual = False
    faults = True

    def __init__(self, engine: WallEngine) -> None:
        self._engine = engine

    def spawn(self, start: Start, absorb: Absorb, perform: Perform) -> CommandBody:
        """See `Host.spawn`. The disk of such a program is its own affair."""
        return CommandBody(self._engine, start, absorb)

    def close(self) -> None:
        """Nothing is held beyond the nodes."""


def command_of(start: Start) -> list[str]:
    """The words of the command that `start` names, which may be a class of the labs."""
    path, _, name = start.program.partition(":")
    if path.endswith(".py") and name.isidentifier():
        roots = [word for root in (start.root, start.given) for word in ("--root", root)]
        options = [
            word
            for name, value in start.options.items()
            for word in ("--set", f"{name}={msgspec.json.encode(value).decode()}")
        ]
        return [sys.executable, "-m", "labs.node.hosts.stdio", *roots, *options, start.program]
    if start.options:
        raise NodeFault(start.id, "takes options, and an executable has none but its arguments")
    words = shlex.split(start.program)
    own = Path(start.root) / words[0]
    return [str(own) if own.is_file() else words[0], *words[1:]]


def environment() -> dict[str, str]:
    """This process's own, and where the node library is."""
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


class CommandBody:
    """An executable at work."""

    def __init__(self, engine: WallEngine, start: Start, absorb: Absorb) -> None:
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop = engine.loop
        self._start = start
        self._absorb = absorb
        self._ready = False
        self._errors_left = OUTPUT
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        try:
            self._process = process = subprocess.Popen(
                command_of(self._start),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._start.folder,
                env=environment(),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise NodeFault(self._start.id, f"cannot be started: {error}") from None
        assert process.stdin and process.stdout and process.stderr
        self._input = Output(self._loop, process.stdin)
        self._lines = Lines(self._loop, process.stdout, self._take, self._finish)
        self._errors = Lines(self._loop, process.stderr, self._note, lambda problem: None)
        self._timer = self._loop.call_later(PATIENCE, self._complain, "did not answer init")
        self._input.write(init(self._start))

    def _take(self, line: bytes) -> None:
        """A line of its output: the answer to `init`, or a message."""
        if self._ready:
            self._report([msgspec.Raw(line)])
        elif is_init_ok(line, self._start.id):
            self._ready = True
            self._timer.cancel()
            self._report([])
        else:
            self._complain(f"must answer init with init_ok first, not with {line[:80]!r}")

    def _report(self, sent: list[msgspec.Raw]) -> None:
        self._hand_over(Report(self._engine.now, None, sent, []))

    def _hand_over(self, report: Report) -> None:
        try:
            self._absorb(report)
        except ClusterError as error:
            self._engine.fail(error)

    def _note(self, line: bytes) -> None:
        """A line of its standard error, up to a bound."""
        if self._errors_left > 0:
            self._errors_left -= len(line) + 1
            now = self._engine.now
            note = Note(now, "err", line.decode(errors="replace"))
            self._hand_over(Report(now, None if self._ready else BLOCKED, [], [note]))
