"""The cluster of one test: its nodes, the network between them, the clock, and the faults."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from autograder.checkers.history import History
from autograder.cluster import seeds
from autograder.cluster.client import Client
from autograder.cluster.engine import Engine
from autograder.cluster.errors import HarnessFault, NodeFault
from autograder.cluster.files import GO, FileRule, Touch
from autograder.cluster.member import Fate, Host, Member, Program, State
from autograder.cluster.network import Network
from autograder.cluster.sessions import Calls, Session
from autograder.cluster.trace import Message, Trace
from labs.node.disk import DiskAnswer, DiskOperation
from labs.node.hosts import lockdown
from labs.node.hosts.control import (
    DIED,
    Ended,
    FileOperation,
    Note,
    Report,
    Resume,
    SessionsOf,
    Sleep,
    Start,
)

ResultT = TypeVar("ResultT")
Endpoint = Callable[[Message], None]
STEP_COST = 20  # microseconds at most that a step takes
FILE_COST = 200  # microseconds at most that an operation on a file takes
LATE = 1_000  # a node whose own clock is further ahead than this is woken when the cluster is there
FIRST_PID = 100
START_LIMIT = 30.0  # seconds on the wall that a node may take to start


class Cluster:
    """Starts nodes, carries their messages, and does to them what happens to machines."""

    def __init__(
        self,
        host: Host,
        engine: Engine,
        seed: int,
        root: Path,
        given: Path,
        folder: Path,
        own: tuple[str, ...] = (),
    ) -> None:
        self.host = host
        self.engine = engine
        self.seed = seed
        self.root, self.given, self.folder, self.own = root, given, folder, own
        self.trace = Trace()
        self.history = History()
        self.calls = Calls(self)
        self.network = Network(self, self.trace, seeds.stream(seed, "network"))
        self.random = seeds.stream(seed, "test")
        self.members: dict[str, Member] = {}
        self.client = Client(self)
        self.endpoints: dict[str, Endpoint] = {self.client.id: self.client.receive}
        self.file_rules: list[FileRule] = []
        self._cost = seeds.stream(seed, "cost").random
        self.sessions: list[Session] = []
        self._starts = 0
        self._changed: list[asyncio.Future[None]] = []

    @property
    def now(self) -> float:
        """Seconds since the cluster started."""
        return self.engine.now / 1e6

    # ---- what a test does ------------------------------------------------------------------------

    async def start(
        self, program: str, id: str | None = None, peers: tuple[str, ...] = (), **options: Any
    ) -> Member:
        """Start a node: `program` is `kv/server.py:KVServer`, `options` go to its `__init__`.

        Raises `NodeFault` if the program cannot be loaded or ends at once with an error.
        """
        nodes = sum(member.program.sessions is None for member in self.members.values())
        return await self._add(id or f"n{nodes + 1}", Program(program, peers, options))

    async def clients(
        self, number: int, program: str, processes: int = 2, **options: Any
    ) -> list[Session]:
        """Start clients: objects of the class `program`, made with their node and `options`.

        They are dealt out to so many processes, at most one for each. What they do is in `history`.
        """
        processes = min(processes, number)
        first = sum(member.program.sessions is not None for member in self.members.values()) + 1
        members = [
            await self._add(
                f"p{n}",
                Program(
                    "",
                    (),
                    {},
                    SessionsOf(program, len(range(n - first, number, processes)), options),
                ),
            )
            for n in range(first, first + processes)
        ]
        made = [
            Session(
                self,
                f"c{len(self.sessions) + n + 1}",
                members[n % processes],
                n // processes,
                program,
            )
            for n in range(number)
        ]
        self.sessions += made
        return made

    def attach(self, id: str, endpoint: Endpoint) -> None:
        """Let `endpoint`, a function in the test's own process, take the messages to `id`."""
        self.endpoints[id] = endpoint

    async def _add(self, name: str, program: Program) -> Member:
        if name in self.members:
            raise HarnessFault(f"there is a node {name} already; restart it instead")
        member = self.members[name] = Member(name, program)
        await self._begin(member)
        return member

    async def restart(self, member: Member) -> None:
        """Start a node again that crashed or ended; its disk is as it was left."""
        if member.running:
            await self.crash(member)
        await self._begin(member)

    async def crash(self, member: Member) -> None:
        """Kill a node (SIGKILL), wherever it is. What it had not sent is not sent."""
        if member.running:
            self._end(member, "crash")

    async def lose_power(self, member: Member) -> None:
        """Kill a node, and lose what it had not synced."""
        await self.crash(member)
        member.disk.lose_power(seeds.stream(self.seed, "power", member.id, member.starts))

    async def pause(self, member: Member) -> None:
        """Stop a node (SIGSTOP); messages wait for it."""
        if member.body is not None and not member.paused:
            member.paused = True
            member.body.pause()
            self.trace.add(self.engine.now, "pause", member.id)

    async def resume(self, member: Member) -> None:
        """Let a paused node go on (SIGCONT)."""
        if member.body is None or not member.paused:
            return
        member.paused = False
        member.body.go_on()
        self.trace.add(self.engine.now, "resume", member.id)
        held, member.held = member.held, None
        if held is not None:
            self.engine.at(self.engine.now, held)
        self._wake(member)

    def slow(self, member: Member, seconds: float) -> None:
        """Let every step of a node take up to `seconds` longer, as on a busy machine; 0 ends that."""
        member.slowness = seconds
        self.trace.add(self.engine.now, "slow", member.id, detail=f"up to {seconds:g} s a step")

    def jump_calendar(self, member: Member, seconds: float) -> None:
        """Move the date and time of day of a node, as an administrator does; its timers do not notice."""
        member.jump += int(seconds * 1e6)
        self.trace.add(self.engine.now, "jump", member.id, detail=f"{seconds:+g} s")

    def memory(self, member: Member) -> int:
        """The bytes of memory that a node has for itself; raises `Unsupported` where none can tell."""
        assert member.body is not None
        return member.body.memory()

    async def call(self, dest: str | Member, body: dict[str, Any], timeout: float = 5.0) -> Any:
        """Send a request as the test's own client, and return the body of the reply.

        `body` is as on the wire: `{"type": "echo", ...}`. Raises what `Node.call` raises.
        """
        return await self.client.call(id_of(dest), body, timeout)

    async def ended(self, member: Member, within: float) -> None:
        """Wait until a node has ended or was killed; raises `AssertionError` after `within` seconds."""
        await self.until(lambda: not member.running, within, f"{member.id} ends")

    async def until(
        self,
        condition: Callable[[], bool],
        within: float,
        what: str | Callable[[], str] = "what the test waits for",
    ) -> None:
        """Wait until `condition` holds, looking whenever a node has started, ended or printed.

        Raises `AssertionError` after `within` seconds; `what` says what did not happen.
        """
        try:
            async with asyncio.timeout(within):
                while not condition():
                    changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._changed.append(changed)
                    await changed
        except TimeoutError:
            text = what if isinstance(what, str) else what()
            raise AssertionError(f"not within {within:g} s: {text}") from None

    @property
    def carries(self) -> bool:
        """Whether what nodes send each other passes through the network of this cluster."""
        return self.host.faults

    def on_file(self, rule: FileRule) -> None:
        """Let `rule` decide about file operations in the shared folder: go on, or die here.

        Only the process host sees such operations; elsewhere no rule is ever asked.
        """
        self.file_rules.append(rule)

    def run(self, test: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Run a test's coroutine to its end."""
        return self.engine.run(test)

    def close(self) -> None:
        """Kill every node and free everything."""
        for member in self.members.values():
            if member.running:
                self._end(member, "exit", "the test is over")
        self.host.close()

    # ---- the life of a node ----------------------------------------------------------------------

    async def _begin(self, member: Member) -> None:
        """Start a node, and wait until it is up."""
        self._starts += 1
        life = member.begin_life(self.engine.now)
        self.trace.add(self.engine.now, "start", member.id, detail=member.program.path)
        member.body = self.host.spawn(
            self._start_frame(member),
            lambda report: self._absorb(member, life, report),
            member.disk.perform,
        )
        member.body.begin()
        self._notify()
        if not self.engine.virtual:
            await self.until(lambda: member.state is not State.BLOCKED, START_LIMIT)

    def _start_frame(self, member: Member) -> Start:
        program = member.program
        return Start(
            id=member.id,
            peers=program.peers,
            program=program.path,
            options=program.options,
            sessions=program.sessions,
            root=str(self.root),
            given=str(self.given),
            own=self.own,
            folder=str(self.folder),
            seed=seeds.derive(self.seed, "node", member.id, member.starts),
            pid=FIRST_PID + self._starts,
            life=member.starts,
            now=self.engine.now,
            origin=self.engine.origin,
            virtual=self.engine.virtual,
        )

    def _end(self, member: Member, kind: str, detail: str = "", code: int | None = None) -> None:
        """A node's process is over, or is to be; `code` is what it ended with by itself."""
        if member.body is None:
            return
        body, member.body = member.body, None
        member.state, member.inbox = State.DOWN, []
        self.calls.lose(member)
        member.ended_at = self.engine.now
        self.trace.add(self.engine.now, kind, member.id, detail=detail)
        fate = body.end()
        member.fate = fate if code is None else Fate(code, None, fate.output)
        if fate.output:
            member.log.append(Note(self.engine.now, "err", fate.output))
        self._notify()

    def _notify(self) -> None:
        changed, self._changed = self._changed, []
        for future in changed:
            if not future.done():
                future.set_result(None)

    # ---- steps -----------------------------------------------------------------------------------

    def note(self, kind: str, detail: str) -> None:
        """Part of the network: keep in the trace what becomes of it."""
        self.trace.add(self.engine.now, kind, "", detail=detail)

    def deliver_at(self, when: int, message: Message) -> None:
        """Part of the network: have a message delivered at a time."""
        self.engine.at(when, lambda: self._deliver(message))

    def _deliver(self, message: Message) -> None:
        now = self.engine.now
        if endpoint := self.endpoints.get(message.dest):
            self.trace.add(now, "deliver", message.dest, message)
            endpoint(message)
            return
        member = self.members.get(message.dest)
        if member is None or not member.running:
            why = "no such node" if member is None else "down"
            self.trace.add(now, "drop", message.dest, message, why)
            return
        self.trace.add(now, "deliver", message.dest, message)
        member.inbox.append(message.line)
        self._wake(member)

    def wake_soon(self, member: Member) -> None:
        """Part of the sessions: a node has been given something to do."""
        self.engine.at(self.engine.now, lambda: self._wake(member))

    def _wake(self, member: Member) -> None:
        """Step a node that has something to do, unless it is not able to."""
        if member.state is not State.IDLE or member.paused:
            return
        now = self.engine.now
        if member.clock > now + LATE:
            self._set_alarm(member, member.clock)
        elif member.has_work or (member.timer is not None and member.timer <= now):
            self._step(member)
        elif member.timer is not None:
            self._set_alarm(member, member.timer)

    def _set_alarm(self, member: Member, when: int) -> None:
        """Look at a node again at a time; one alarm, the earliest, is enough."""
        if member.alarm is None or when < member.alarm:
            member.alarm = when
            life = member.starts
            self.engine.at(when, lambda: self._alarm(member, life, when))

    def _alarm(self, member: Member, life: int, when: int) -> None:
        if member.starts == life and member.alarm == when:
            member.alarm = None
            self._wake(member)

    def _step(self, member: Member) -> None:
        """Hand a node what is due, and let it run until it is idle again."""
        inbox, member.inbox = member.inbox, []
        asked, member.invocations = member.invocations, []
        now = self._time_of_step(member, STEP_COST + int(member.slowness * 1e6))
        self._resume(member, Resume(now, inbox, invocations=asked, jump=member.jump))

    def _time_of_step(self, member: Member, most: int) -> int:
        """A step begins after the node's last, and takes a little time that the seed draws."""
        return max(member.clock, self.engine.now) + 1 + int(self._cost() * most)

    def _resume(self, member: Member, resume: Resume) -> None:
        if member.body is not None:
            if self.engine.virtual:
                member.state = State.BLOCKED
            member.body.resume(resume)

    def _go_on(self, member: Member, life: int, answer: DiskAnswer | None = None) -> None:
        """End what a node is blocked in."""
        if member.starts != life or member.body is None:
            return
        if member.paused:
            member.held = lambda: self._go_on(member, life, answer)
            return
        now = max(member.clock, self.engine.now)
        self._resume(member, Resume(now, [], answer, answers=True, jump=member.jump))

    # ---- what a node did -------------------------------------------------------------------------

    def _absorb(self, member: Member, life: int, report: Report) -> None:
        """Take a node's report: carry its messages, keep its lines, see what it waits for."""
        if member.starts != life or member.state is State.DOWN:
            return
        member.clock = max(member.clock, report.now)
        for line in report.sent:
            self._send(member, line)
        for response in report.responses:
            self.calls.take(member, response)
        if report.notes:
            self._keep(member, report.notes)
        waits = report.waits
        if waits is None or isinstance(waits, int):
            began = member.state is State.BLOCKED and not self.engine.virtual
            member.state, member.timer = State.IDLE, waits
            self._settle(member)
            if began:
                self._notify()
        else:
            self._block(member, waits)

    def _send(self, member: Member, line: msgspec.Raw) -> None:
        try:
            self.network.send(member.clock, member.id, line)
        except ValueError as error:
            raise NodeFault(member.id, str(error)) from None

    def _settle(self, member: Member) -> None:
        """A node is idle: see to its inbox and its timer."""
        if member.has_work:
            self._set_alarm(member, member.clock)
        elif member.timer is not None and self.engine.virtual:
            self._set_alarm(member, member.timer)

    def _block(self, member: Member, waits: Sleep | FileOperation | DiskOperation | Ended) -> None:
        """A node cannot go on by itself: see what it waits for."""
        life = member.starts
        if isinstance(waits, Ended):
            self.engine.at(member.clock, lambda: self._ended(member, life, waits))
        elif isinstance(waits, Sleep):
            until = max(waits.until, member.clock)
            self.engine.at(until, lambda: self._go_on(member, life))
        elif self._may_touch(member, waits):
            answer = member.disk.perform(waits) if isinstance(waits, DiskOperation) else None
            when = member.clock + 1 + int(self._cost() * FILE_COST)
            self.engine.at(when, lambda: self._go_on(member, life, answer))

    def _ended(self, member: Member, life: int, waits: Ended) -> None:
        """A node ended by itself: its program did, or its process died under it."""
        if member.starts != life or not member.running:
            return
        if waits.code != DIED:
            self._end(member, "exit", f"code {waits.code}", waits.code)
        elif member.doomed:
            self._end(member, "crash", "while it wrote a file")
        else:
            self._end(member, "exit", "died")
            assert member.fate is not None
            raise NodeFault(member.id, death(member.fate))

    def _may_touch(self, member: Member, waits: FileOperation | DiskOperation) -> bool:
        """Ask the rules about an operation on a file; False if the node dies of it."""
        touch = Touch.of(member.id, waits)
        kind = "disk" if isinstance(waits, DiskOperation) else "file"
        self.trace.add(self.engine.now, kind, member.id, detail=f"{touch.event} {touch.path}")
        for rule in self.file_rules:
            leave = rule(touch)
            if leave.size is not None and member.body is not None:
                member.doomed = True
                member.body.limit_file_size(leave.size)
            elif leave is not GO:
                self._end(member, "crash", f"before {touch.event} {touch.path}")
                return False
        return True

    def _keep(self, member: Member, notes: list[Note]) -> None:
        """Keep what a node printed; the first fault of its own ends the test."""
        member.log += notes
        self._notify()
        for note in notes:
            if note.kind == "fault":
                self.engine.fail(NodeFault(member.id, note.text, note.traceback))


def death(fate: Fate) -> str:
    """The sentence for a process that died under its program."""
    if fate.signal == signal.SIGXFSZ:
        return f"wrote a file of over {lockdown.FILE_SIZE >> 20} MiB"
    if fate.signal == signal.SIGXCPU:
        return f"used over {lockdown.CPU} s of CPU: it spins"
    if fate.signal is not None:
        return f"its process was killed by {signal.Signals(fate.signal).name}"
    return f"its process ended with code {fate.code} past the event loop (os._exit, or a crash)"


def id_of(node: str | Member) -> str:
    """A node's name."""
    return node if isinstance(node, str) else node.id
