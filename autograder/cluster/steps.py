"""Steps: when each node runs, what it is handed, and what becomes of what it did."""

from __future__ import annotations

import signal
from random import Random
from typing import TYPE_CHECKING

import msgspec

from autograder.cluster.errors import NodeFault
from autograder.cluster.files import GO, FileRule, Touch
from autograder.cluster.member import Body, Fate, Member, State
from autograder.cluster.trace import Message
from labs.node.disk import DiskAnswer, DiskOperation
from labs.node.hosts import lockdown
from labs.node.hosts.control import DIED, Ended, FileOperation, Note, Report, Resume, Sleep

if TYPE_CHECKING:
    from autograder.cluster.cluster import Cluster

STEP_COST = 20  # microseconds at most that a step takes
FILE_COST = 200  # microseconds at most that an operation on a file takes
LAST_LINES = 20  # of what a program printed before it ended, for its author
LATE = 1_000  # a node whose own clock is further ahead than this is woken when the cluster is there


class Steps:
    """Hands every node what is due to it, and takes its reports."""

    def __init__(self, cluster: Cluster, random: Random) -> None:
        self._cluster = cluster
        self._engine = cluster.engine
        self._trace = cluster.trace
        self._cost = random.random
        self.file_rules: list[FileRule] = []

    def deliver_at(self, when: int, message: Message) -> None:
        """Part of the network: have a message delivered at a time."""
        self._engine.at(when, lambda: self._deliver(message))

    def _deliver(self, message: Message) -> None:
        now = self._engine.now
        if endpoint := self._cluster.endpoints.get(message.dest):
            self._trace.add(now, "deliver", message.dest, message)
            endpoint(message)
            return
        member = self._cluster.members.get(message.dest)
        if member is None or not member.running:
            why = "no such node" if member is None else "down"
            self._trace.add(now, "drop", message.dest, message, why)
            return
        self._trace.add(now, "deliver", message.dest, message)
        member.inbox.append(message.line)
        self.wake(member)

    def wake_soon(self, member: Member) -> None:
        """Part of the sessions: a node has been given something to do."""
        self._engine.at(self._engine.now, lambda: self.wake(member))

    def wake(self, member: Member) -> None:
        """Step a node that has something to do, unless it is not able to."""
        if member.state is not State.IDLE or member.paused:
            return
        now = self._engine.now
        if member.clock > now + LATE:
            self._set_alarm(member, member.clock)
        elif member.has_work or (member.timer is not None and member.timer <= now):
            self._step_late(member) if member.slowness else self._step(member)
        elif member.timer is not None:
            self._set_alarm(member, member.timer)

    def _set_alarm(self, member: Member, when: int) -> None:
        """Look at a node again at a time; one alarm, the earliest, is enough."""
        if member.alarm is None or when < member.alarm:
            member.alarm = when
            life = member.starts
            self._engine.at(when, lambda: self._alarm(member, life, when))

    def _alarm(self, member: Member, life: int, when: int) -> None:
        if member.starts == life and member.alarm == when:
            member.alarm = None
            self.wake(member)

    def _step(self, member: Member) -> None:
        """Hand a node what is due, and let it run until it is idle again."""
        inbox, member.inbox = member.inbox, []
        asked, member.invocations = member.invocations, []
        # A step begins after the node's last, and takes a little time that the seed draws.
        now = max(member.clock, self._engine.now) + 1 + int(self._cost() * STEP_COST)
        self._resume(member, Resume(now, inbox, invocations=asked, jump=member.jump))

    def _step_late(self, member: Member) -> None:
        """Let a slow node begin its step later; what comes meanwhile waits with the rest."""
        if member.late:
            return
        member.late = True
        life, when = member.starts, self._engine.now + int(self._cost() * member.slowness * 1e6)
        self._engine.at(when, lambda: self._late(member, life))

    def _late(self, member: Member, life: int) -> None:
        if member.starts != life:
            return
        member.late = False
        if member.state is State.IDLE and not member.paused:
            self._step(member)

    def _resume(self, member: Member, resume: Resume) -> None:
        if member.body is not None:
            if self._engine.virtual:
                member.state = State.BLOCKED
            member.body.resume(resume)

    def _go_on(self, member: Member, life: int, answer: DiskAnswer | None = None) -> None:
        """End what a node is blocked in."""
        if member.starts != life or member.body is None:
            return
        if member.paused:
            member.held = lambda: self._go_on(member, life, answer)
            return
        now = max(member.clock, self._engine.now)
        self._resume(member, Resume(now, [], answer, answers=True, jump=member.jump))

    # ---- what a node did -------------------------------------------------------------------------

    def absorb(self, member: Member, life: int, report: Report) -> None:
        """Take a node's report: carry its messages, keep its lines, see what it waits for."""
        if member.starts != life or member.state is State.DOWN:
            return
        member.clock = max(member.clock, report.now)
        for line in report.sent:
            self._send(member, line)
        for response in report.responses:
            self._cluster.calls.take(member, response)
        if report.notes:
            self._keep(member, report.notes)
        waits = report.waits
        if waits is None or isinstance(waits, int):
            member.state, member.timer = State.IDLE, waits
            self._settle(member)
            if not (member.up or self._engine.virtual or member.body is None):
                self._rise(member, member.body)
        else:
            self._block(member, waits)

    def _rise(self, member: Member, body: Body) -> None:
        """On the wall clock: tell who waits for it that a node is up, if it is."""
        if body.ready:
            member.up = True
            self._cluster.notify()

    def _send(self, member: Member, line: msgspec.Raw) -> None:
        try:
            self._cluster.network.send(member.clock, member.id, line)
        except ValueError as error:
            raise NodeFault(member.id, str(error)) from None

    def _settle(self, member: Member) -> None:
        """A node is idle: see to its inbox and its timer."""
        if member.has_work:
            self._set_alarm(member, member.clock)
        elif member.timer is not None and self._engine.virtual:
            self._set_alarm(member, member.timer)

    def _block(self, member: Member, waits: Sleep | FileOperation | DiskOperation | Ended) -> None:
        """A node cannot go on by itself: see what it waits for."""
        life = member.starts
        if isinstance(waits, Ended):
            self._engine.at(member.clock, lambda: self._ended(member, life, waits))
        elif isinstance(waits, Sleep):
            until = max(waits.until, member.clock)
            self._engine.at(until, lambda: self._go_on(member, life))
        elif self._may_touch(member, waits):
            answer = member.disk.perform(waits) if isinstance(waits, DiskOperation) else None
            when = member.clock + 1 + int(self._cost() * FILE_COST)
            self._engine.at(when, lambda: self._go_on(member, life, answer))

    def _ended(self, member: Member, life: int, waits: Ended) -> None:
        """A node ended by itself: its program did, or its process died under it."""
        if member.starts != life or not member.running:
            return
        if waits.code != DIED:
            self._cluster.end_life(member, "exit", f"code {waits.code}", waits.code)
            if self._cluster.lasting or member.program.sessions is not None:
                said = "\n".join(member.printed("err")[-LAST_LINES:])
                raise NodeFault(member.id, f"ended by itself, with code {waits.code}", said)
        elif member.doomed:
            self._cluster.end_life(member, "crash", "while it wrote a file")
        else:
            self._cluster.end_life(member, "exit", "died")
            assert member.fate is not None
            raise NodeFault(member.id, death(member.fate))

    def _may_touch(self, member: Member, waits: FileOperation | DiskOperation) -> bool:
        """Ask the rules about an operation on a file; False if the node dies of it."""
        touch = Touch.of(member.id, waits)
        kind = "disk" if isinstance(waits, DiskOperation) else "file"
        self._trace.add(self._engine.now, kind, member.id, detail=f"{touch.event} {touch.path}")
        for rule in self.file_rules:
            leave = rule(touch)
            if leave.size is not None and member.body is not None:
                member.doomed = True
                member.body.limit_file_size(leave.size)
            elif leave is not GO:
                self._cluster.end_life(member, "crash", f"before {touch.event} {touch.path}")
                return False
        return True

    def _keep(self, member: Member, notes: list[Note]) -> None:
        """Keep what a node printed; the first fault of its own ends the test."""
        member.log += notes
        self._cluster.notify()
        for note in notes:
            if note.kind == "fault":
                self._engine.fail(NodeFault(member.id, note.text, note.traceback))


def death(fate: Fate) -> str:
    """The sentence for a process that died under its program."""
    if fate.signal == signal.SIGXFSZ:
        return f"wrote a file of over {lockdown.FILE_SIZE >> 20} MiB"
    if fate.signal == signal.SIGXCPU:
        return f"used over {lockdown.CPU} s of CPU: it spins"
    if fate.signal is not None:
        return f"its process was killed by {signal.Signals(fate.signal).name}"
    return f"its process ended with code {fate.code} past the event loop (os._exit, or a crash)"
