"""The command host: any executable that speaks the wire on standard input and output.

It is told its name and its peers by an `init` message, as under Maelstrom, and may send and get messages
before it answers that. What it writes to standard error is kept as its output. A program of the labs
(`kv/server.py:KVServer`) runs by itself, too. `docs/protocol.md` has all messages.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from autograder.cluster import complaints
from autograder.cluster.engine import WallEngine
from autograder.cluster.errors import ClusterError, NodeFault, Unsupported
from autograder.cluster.hosts.calls import Calls
from autograder.cluster.hosts.intake import REPORTED
from autograder.cluster.hosts.pipes import LineReader, LineWriter
from autograder.cluster.member import Absorb, Fate
from labs.node.disk import Perform
from labs.node.hosts.control import DIED, FRAME_LIMIT, Ended, Note, Report, Resume, Start
from labs.node.hosts.lockdown import OUTPUT
from labs.node.messages import UNREADABLE, Header

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
        self.engine = engine
        self._left = REPORTED  # bytes that nodes may still send

    def spawn(self, start: Start, absorb: Absorb, perform: Perform) -> CommandBody:
        """See `Host.spawn`. The disk of such a program is its own affair."""
        if start.sessions is not None:
            raise Unsupported("an executable carries no sessions of clients: leave --host away")
        return CommandBody(self, start, absorb)

    def count(self, node: str, size: int) -> None:
        """Count what nodes send; raises `NodeFault` for more than there is room for."""
        self._left -= size
        if self._left < 0:
            raise NodeFault(node, f"with it, nodes have sent over {REPORTED >> 20} MiB")

    def close(self) -> None:
        """Nothing is held beyond the nodes."""


def command_of(start: Start) -> list[str]:
    """The words of the command that `start` names, which may be a class of the labs."""
    path, _, name = start.program.partition(":")
    if (
        path.endswith(".py") and name.isidentifier() and " " not in path
    ):  # else a command's last word
        roots = [word for root in (start.root, start.given) for word in ("--root", root)]
        options = [
            word
            for name, value in start.options.items()
            for word in ("--set", f"{name}={msgspec.json.encode(value).decode()}")
        ]
        return [sys.executable, "-m", "labs.node", *roots, *options, start.program]
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

    pid: int | None = None
    ready = False  # it has answered `init`

    def __init__(self, host: CommandHost, start: Start, absorb: Absorb) -> None:
        self._host = host
        self._engine = host.engine
        self._start = start
        self._absorb = absorb
        self._calls = Calls(start.life)
        self._notes: list[Note] = []
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
        self.pid = process.pid
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        loop = self._engine.loop
        self._input = LineWriter(loop, process.stdin)
        self._output = LineReader(loop, process.stdout, FRAME_LIMIT, self._take, self._finish)
        self._errors = LineReader(
            loop, process.stderr, OUTPUT, self._note, lambda problem: None, cuts=True
        )
        self._timer = loop.call_later(PATIENCE, self._give_up)
        self._input.write(init(self._start))

    def _take(self, line: bytes) -> None:
        """A line of its output: the answer to `init`, or a message."""
        if self.ready or is_other_message(line, self._start.id):
            self._report(None, [self._calls.out(line)])
        elif is_init_ok(line, self._start.id):
            self.ready = True
            self._timer.cancel()
            self._report(None)
        else:
            self._refuse(f"must answer init with init_ok, and not with {complaints.shown(line)}")

    def _note(self, line: bytes) -> None:
        """A line of its standard error, up to a bound."""
        if self._errors_left > 0:
            line = line[: self._errors_left]
            self._errors_left -= len(line) + 1
            self._notes.append(Note(self._engine.now, "err", line.decode(errors="replace")))
            if self.ready:
                self._report(None)

    def _finish(self, problem: str | None) -> None:
        """Its output is closed: it has ended, or is about to."""
        if problem is not None:
            self._blame(problem)
            return
        self._timer.cancel()
        code = self._wait(PARTING)
        self._errors.take_rest()
        if not self.ready:
            how = "" if code is None else f" ({ending(code)})"
            self._refuse(f"ended before it answered init with init_ok{how}")
            return
        self._report(Ended(DIED if code is None or code < 0 else code))

    def _report(self, waits: Ended | None, sent: Sequence[msgspec.Raw] = ()) -> None:
        notes, self._notes = self._notes, []
        try:
            for line in sent:
                self._host.count(self._start.id, len(memoryview(line)))
            self._absorb(Report(self._engine.now, waits, list(sent), notes))
        except ClusterError as error:
            self._engine.fail(error)

    def _give_up(self) -> None:
        """It has not answered `init` in time."""
        half = self._output.half_line()
        wrote = f", and wrote without a newline at its end {complaints.shown(half)}" if half else ""
        self._refuse(f"did not answer init within {PATIENCE:g} s{wrote}")

    def _refuse(self, what: str) -> None:
        """Blame it for a wrong answer to `init`, or for none."""
        self._blame(complaints.no_init_ok(self._start.id, what))

    def _blame(self, what: str) -> None:
        self._engine.fail(NodeFault(self._start.id, what, "\n".join(n.text for n in self._notes)))

    def _wait(self, seconds: float) -> int | None:
        """Its exit code; None if it does not end in that time."""
        assert self._process is not None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def resume(self, resume: Resume) -> None:
        lines = (self._calls.back(message) for message in resume.messages)
        self._input.write_all(line for line in lines if line is not None)

    def end(self) -> Fate:
        """Kill it and all that it started."""
        if self._process is None:
            return Fate(None, signal.SIGKILL)
        self._timer.cancel()
        self._signal(signal.SIGKILL)
        code = self._process.wait()
        for pipe in (self._input, self._output, self._errors):
            pipe.close()
        return Fate(code, None) if code >= 0 else Fate(None, -code)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            try:
                os.killpg(self._process.pid, number)
            except (ProcessLookupError, PermissionError):
                pass  # all of them have ended

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def limit_file_size(self, size: int) -> None:
        raise Unsupported("a torn write needs --host process")


class InitOk(msgspec.Struct, tag_field="type", tag="init_ok"):
    """The answer to `init`."""

    in_reply_to: Literal[1]


class Answer(msgspec.Struct):
    """A message that is such an answer."""

    src: str
    dest: str
    body: InitOk


class Other(msgspec.Struct):
    """Any message."""

    src: str
    dest: str
    body: Header


def init(start: Start) -> bytes:
    """The first message that a node gets."""
    names = sorted({start.id, *start.peers}, key=in_words)
    body = {"type": "init", "msg_id": 1, "node_id": start.id, "node_ids": names}
    return msgspec.json.encode({"src": STARTER, "dest": start.id, "body": body})


def in_words(name: str) -> tuple[int, str]:
    """So that n2 comes before n10."""
    return len(name), name


def is_other_message(line: bytes, id: str) -> bool:
    """Whether a line is a message, and no answer to `init`: what a node sends before it is up."""
    try:
        other = msgspec.json.decode(line, type=Other)
    except UNREADABLE:
        return False
    return other.src == id and other.dest != STARTER and other.body.type != "init_ok"


def ending(code: int) -> str:
    """How a process ended, in words."""
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def is_init_ok(line: bytes, id: str) -> bool:
    """Whether a line is the answer to `init`."""
    try:
        answer = msgspec.json.decode(line, type=Answer)
    except UNREADABLE:
        return False
    return answer.src == id and answer.dest == STARTER
