"""A node in a process of its own, under a cluster that holds its clock, network and disk."""

from __future__ import annotations

import faulthandler
import io
import os
import random
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, cast

import msgspec

from labs.node.disk import Disk, DiskAnswer, DiskOperation
from labs.node.errors import Mistake, RPCError
from labs.node.hosts import control, guard, load, lockdown, stall
from labs.node.hosts.confine import Confinement, confine
from labs.node.hosts.control import (
    Channel,
    Ended,
    FileOperation,
    Note,
    Report,
    Response,
    Resume,
    Sleep,
    Start,
)
from labs.node.hosts.loop import VirtualLoop, microseconds, running
from labs.node.hosts.problems import Roots, dropped, is_quiet, own_traceback, sentence, unawaited
from labs.node.hosts.sessions import Sessions
from labs.node.node import Node, create

MSG_IDS_PER_LIFE = 10_000_000  # so that no reply to a former life answers a call of this one
ADVICES = 50  # of one life of a node


class Process:
    """What virtual and wall-clock processes share: notes, the disk, leave to touch files."""

    def __init__(self, start: Start) -> None:
        self.id, self.peers = start.id, start.peers
        self.random = random.Random(start.seed)
        self.last_msg_id = (start.life - 1) * MSG_IDS_PER_LIFE
        self.disk = Disk(self.perform, os.path.join(start.folder, "disks", start.id))
        self.roots = Roots(start.root, start.given)
        self.sent: list[msgspec.Raw] = []
        self.notes: list[Note] = []
        self.responses: list[Response] = []
        self.sessions: Sessions | None = None
        self.jump = 0  # microseconds that the calendar has been moved by
        self._advised: set[str] = set()

    def now(self) -> int:
        """The node's time in microseconds."""
        raise NotImplementedError

    def wait(self, waits: control.Waits) -> Resume:
        """Report what was done, and block until the cluster lets the process go on."""
        raise NotImplementedError

    def transmit(self, line: bytes) -> None:
        """Send one message."""
        raise NotImplementedError

    def perform(self, operation: DiskOperation) -> DiskAnswer:
        """Let the cluster do something to this node's disk."""
        return self.wait(operation).answer or DiskAnswer()

    def touch(self, event: str, path: str) -> None:
        """Wait for leave to touch a shared file."""
        self.wait(FileOperation(event, path))

    def respond(self, response: Response) -> None:
        """Keep how an operation ended for the report."""
        self.responses.append(response)

    def take_report(self, waits: control.Waits) -> Report:
        """What was done since the last one, and what is waited for now."""
        report = Report(self.now(), waits, self.sent, self.notes, self.responses)
        self.sent, self.notes, self.responses = [], [], []
        return report

    def receivers(self, node: Node, resume: Resume) -> Iterator[tuple[Callable[[Any], None], Any]]:
        """What a resume brings, each with the function that takes it."""
        self.jump = resume.jump
        for message in resume.messages:
            yield node._wiring.receive, message
        if self.sessions is not None:
            for invocation in resume.invocations:
                yield self.sessions.invoke, invocation

    def note(self, kind: str, text: str, traceback: str = "") -> None:
        """Keep a line for the report."""
        self.notes.append(Note(self.now(), kind, text, traceback))

    def report(self, problem: BaseException) -> None:
        """Keep what the program did wrong."""
        if is_quiet(problem):
            return
        text, traceback = sentence(problem, self.roots), own_traceback(problem, self.roots)
        if isinstance(problem, RPCError | SystemExit):
            self.advise(text, traceback)
        else:
            self.note("fault", text, traceback)

    def report_context(self, context: dict[str, Any]) -> None:
        """The event loop's own report of a problem."""
        if problem := context.get("exception"):
            self.report(problem)
        elif task := context.get("task"):
            self.note("fault", dropped(task.get_coro(), self.roots))
        else:
            self.note("fault", str(context.get("message")))

    def report_unawaited(self, coroutine: object) -> None:
        """A coroutine was dropped without being awaited."""
        self.note("fault", unawaited(coroutine, self.roots))

    def advise(self, text: str, traceback: str = "") -> None:
        """Keep an advice, once, and not too many of them."""
        if text not in self._advised and len(self._advised) < ADVICES:
            self._advised.add(text)
            self.note("advice", text, traceback)

    def caller(self) -> str | None:
        """File and line of the student's code that is running."""
        return self.roots.caller()

    def line_of(self, frame: FrameType) -> str | None:
        """File and line of a frame, if it is the student's code."""
        return self.roots.line_of(frame)

    async def run(self, node: Node) -> int:
        """The node's `main`, to its exit code."""
        try:
            await node.main()
        except Exception as problem:
            self.report(problem)
            return 1
        return 0

    def leave(self, end: SystemExit) -> int:
        """The exit code that the program chose; that it did is kept as an advice."""
        self.report(end)
        return end.code if isinstance(end.code, int) else int(end.code is not None)


class Stepped(Process):
    """A node in virtual time: it runs when it is told to, until it is idle."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self.loop = VirtualLoop(self.report_context)
        self.loop.now = start.now
        self._reads = 0  # of the clock, since the process last waited
        self._pauses = 0  # in a row, because it read the clock so often
        self._sent_bytes = 0  # since the last report

    def now(self) -> int:
        return self.loop.now

    def transmit(self, line: bytes) -> None:
        """Keep a message for the next report."""
        self._sent_bytes += len(line)
        if self._sent_bytes > control.FRAME_LIMIT:
            raise Mistake(
                f"sends over {control.FRAME_LIMIT >> 20} MiB without a pause: await replies"
            )
        self.sent.append(msgspec.Raw(line))

    def take_report(self, waits: control.Waits) -> Report:
        self._reads = self._sent_bytes = 0
        return super().take_report(waits)

    def read_clock(self) -> int:
        """Time passes as it is read, and a program that polls the clock lets others run."""
        self._reads += 1
        if self._reads > guard.READS_PER_PAUSE:
            self.wait(Sleep(self.loop.now + min(guard.PAUSE << self._pauses, guard.LONGEST_PAUSE)))
            self._pauses += 1
        self.loop.now += 1
        return self.loop.now

    def sleep(self, seconds: float) -> None:
        """Block this node for virtual seconds; messages wait until it is back."""
        self.wait(Sleep(self.loop.now + microseconds(seconds)))


class VirtualProcess(Stepped):
    """One step after another, each at a time that the cluster says."""

    def __init__(self, channel: Channel, start: Start) -> None:
        super().__init__(start)
        self.channel = channel

    def wait(self, waits: control.Waits) -> Resume:
        self.channel.send(control.encode(self.take_report(waits)))
        resume = control.decode_resume(self.channel.receive())
        self.loop.now = resume.now
        return resume

    def serve(self, node: Node) -> int:
        """Run the node until its `main` returns; the result is its exit code."""
        loop = self.loop
        main = loop.create_task(self.run(node))
        loop.run_ready()
        while not main.done():
            self._pauses = 0
            for receive, thing in self.receivers(node, self.wait(loop.next_timer())):
                loop.call_soon(receive, thing)
            loop.run_ready()
        return main.result()


class WallProcess(Process):
    """Runs on Python's own event loop, by the clock on the wall."""

    def __init__(self, channel: Channel, start: Start) -> None:
        super().__init__(start)
        self.channel = channel
        self.loop = stall.make_loop(self._tell_of_stall)
        self.loop.set_exception_handler(lambda loop, context: self.report_context(context))
        self._origin = start.origin
        self._late: list[Resume] = []
        self._node: Node

    def now(self) -> int:
        return int((self.loop.time() - self._origin) * 1e6)

    def transmit(self, line: bytes) -> None:
        """Send a message at once."""
        self.sent.append(msgspec.Raw(line))
        self.flush()

    def note(self, kind: str, text: str, traceback: str = "") -> None:
        super().note(kind, text, traceback)
        self.flush()

    def respond(self, response: Response) -> None:
        super().respond(response)
        self.flush()

    def flush(self, waits: control.Waits = None) -> None:
        """Report what was done."""
        self.channel.send(control.encode(self.take_report(waits)))

    def wait(self, waits: control.Waits) -> Resume:
        self.flush(waits)
        while not (resume := control.decode_resume(self.channel.receive())).answers:
            self._late.append(resume)
        if self._late or self.channel.has_frame():
            self.loop.call_soon(self._deliver_late)
        return resume

    def _tell_of_stall(self, frame: FrameType | None) -> None:
        """An advice for a program that blocks. If it is the library that runs, it is no fault of its."""
        if frame is not None and (place := self.roots.line_in(frame, stop_at_library=True)):
            self.advise(
                f"{place}: holds up the whole node for over {stall.PATIENCE:g} s: "
                "await something that takes so long"
            )

    def _deliver_late(self) -> None:
        """Take what came while the process waited for an answer."""
        late, self._late = self._late, []
        for resume in late:
            self._receive(resume)
        while self.channel.has_frame():
            self._read_frame()

    def _read(self) -> None:
        self._read_frame()
        self._deliver_late()

    def _read_frame(self) -> None:
        self._receive(control.decode_resume(self.channel.receive()))

    def _receive(self, resume: Resume) -> None:
        for receive, thing in self.receivers(self._node, resume):
            receive(thing)

    def read_clock(self) -> int:
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Unused: `time.sleep` is Python's own here."""

    def serve(self, node: Node) -> int:
        """Run the node until its `main` returns; the result is its exit code."""
        self._node = node
        self.flush()
        self.loop.add_reader(self.channel.socket, self._read)
        return self.loop.run_until_complete(self.run(node))


class LineStream(io.TextIOBase):
    """Standard output or error of a node: whole lines become notes, and no more than a bound of them."""

    def __init__(self, process: Process, kind: str) -> None:
        self._process = process
        self._kind = kind
        self._partial = ""
        self._left = lockdown.OUTPUT

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._left > 0:
            *lines, self._partial = (self._partial + text[: self._left]).split("\n")
            self._left -= len(text)
            for line in lines:
                self._process.note(self._kind, line)
            if self._left <= 0:
                self._process.advise(
                    f"this node printed over {lockdown.OUTPUT} bytes; the rest is dropped"
                )
        return len(text)

    def finish(self) -> None:
        """Keep the last line, which no newline ended."""
        if self._partial:
            self._process.note(self._kind, self._partial)


def main(channel: Channel, confinement: Confinement) -> None:
    """The life of a process that the zygote forked: one program, then the end."""
    start = control.decode_start(channel.receive())
    if not shut_in(channel, start, confinement):
        return
    kind = VirtualProcess if start.virtual else WallProcess
    process = kind(channel, start)
    streams = LineStream(process, "out"), LineStream(process, "err")
    sys.stdout, sys.stderr = cast(Any, streams)
    code = run(process, start)
    for stream in streams:
        stream.finish()
    channel.send(control.encode(process.take_report(Ended(code))))


def shut_in(channel: Channel, start: Start, confinement: Confinement) -> bool:
    """Limit and confine this process, and report that, or why it cannot be.

    It is the first frame, and no code of a student's has run before: none can forge it.
    """
    try:
        lockdown.lock_down()
        confine(confinement, shared(start), start.virtual)
    except Exception as error:
        channel.send(f"{type(error).__name__}: {error}".encode())
        return False
    channel.send(control.CONFINED)
    return True


def shared(start: Start) -> tuple[str, ...]:
    """The folders that a node may write to."""
    return (start.folder,) if start.shares else ()


def run(process: VirtualProcess | WallProcess, start: Start) -> int:
    """Set the process up, load the program, serve it; the result is its exit code."""
    faulthandler.register(signal.SIGUSR1, file=2, all_threads=False)
    warnings.simplefilter("default")
    sys.set_coroutine_origin_tracking_depth(1)
    setattr(warnings, "_warn_unawaited_coroutine", process.report_unawaited)  # noqa: B010
    os.chdir(start.folder if start.shares else "/")
    control_process(process, start)
    try:
        with running(process.loop):
            node = build(process, start)
        return process.serve(node)
    except SystemExit as end:
        return process.leave(end)
    except BaseException as problem:
        process.report(problem)
        return 1


def control_process(process: VirtualProcess | WallProcess, start: Start) -> None:
    """Put time, chance and files under control."""
    guard.control_chance(start.seed ^ 1)
    guard.control_identity(start.pid)
    guard.control_listings()
    guard.refuse_terminals()
    if start.virtual:
        guard.control_time(process)
        guard.refuse_threads()
    guard.watch_events(process, start.folder, start.virtual)


def build(process: Process, start: Start) -> Node:
    """Load the student's class and make the node."""
    load.prepare([start.root], start.given, start.own)
    if start.sessions is not None:
        node = create(Node, process, {})
        process.sessions = Sessions(node, process, start.sessions)
        return node
    cls = load.load_node(start.program)
    options = load.make_options(start.options)
    load.refuse_wrong_options(cls, options)
    return create(cls, process, options)
