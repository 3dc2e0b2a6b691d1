"""The cluster of one test: its nodes, the network between them, the clock, and the faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import psutil

from autograder.checkers.history import History
from autograder.cluster import seeds
from autograder.cluster.client import Client
from autograder.cluster.engine import Engine
from autograder.cluster.errors import HarnessFault, Unsupported
from autograder.cluster.files import FileRule
from autograder.cluster.member import Fate, Host, Member, Program, State
from autograder.cluster.network import Network
from autograder.cluster.sessions import Calls, Session
from autograder.cluster.steps import Steps
from autograder.cluster.trace import Message, Trace
from labs.node.hosts.control import Note, SessionsOf, Start

ResultT = TypeVar("ResultT")
Endpoint = Callable[[Message], None]
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
        self.steps = Steps(self, seeds.stream(seed, "cost"))
        self.sessions: list[Session] = []
        self.shares_folder = False  # whether nodes may write to the folder
        self.lasting = False  # whether a node is wrong if its program ends by itself
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
        name = id or f"n{self._count(clients=False) + 1}"
        return await self._add(name, Program(program, peers, options))

    async def clients(
        self, number: int, program: str, processes: int = 2, **options: Any
    ) -> list[Session]:
        """Start clients: objects of the class `program`, made with their node and `options`.

        They are dealt out to so many processes, at most one for each. What they do is in `history`.
        """
        processes = min(processes, number)
        carriers = []
        for n in range(processes):
            share = SessionsOf(program, len(range(n, number, processes)), options)
            name = f"p{self._count(clients=True) + 1}"
            carriers.append(await self._add(name, Program(sessions=share)))
        first = len(self.sessions) + 1
        for n in range(number):
            place, carrier = divmod(n, processes)
            session = Session(self, f"c{first + n}", carriers[carrier], place, program)
            self.sessions.append(session)
        return self.sessions[first - 1 :]

    def attach(self, id: str, endpoint: Endpoint) -> None:
        """Let `endpoint`, a function in the test's own process, take the messages to `id`."""
        self.endpoints[id] = endpoint

    def _count(self, clients: bool) -> int:
        """How many members carry clients, or how many do not."""
        carry = [member.program.sessions is not None for member in self.members.values()]
        return carry.count(clients)

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
            self.end_life(member, "crash")

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
        self.steps.wake(member)

    def slow(self, member: Member, seconds: float) -> None:
        """Let every step of a node take up to `seconds` longer, as on a busy machine; 0 ends that."""
        member.slowness = seconds
        self.trace.add(self.engine.now, "slow", member.id, detail=f"up to {seconds:g} s a step")

    def jump_calendar(self, member: Member, seconds: float) -> None:
        """Move the date and time of day of a node, as an administrator does; its timers do not notice."""
        member.jump += int(seconds * 1e6)
        self.trace.add(self.engine.now, "jump", member.id, detail=f"{seconds:+g} s")

    def memory(self, member: Member) -> int:
        """The bytes of memory that a node shares with no other; raises `Unsupported` without processes."""
        if member.body is None or member.body.pid is None:
            raise Unsupported("on this host a node has no memory of its own: use --host process")
        return int(psutil.Process(member.body.pid).memory_full_info().uss)

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
        self.steps.file_rules.append(rule)

    def run(self, test: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Run a test's coroutine to its end."""
        return self.engine.run(test)

    def close(self) -> None:
        """Kill every node and free everything. Nobody waits any more."""
        self._changed = []
        for member in self.members.values():
            if member.running:
                self.end_life(member, "exit", "the test is over")
        self.host.close()

    # ---- the life of a node ----------------------------------------------------------------------

    async def _begin(self, member: Member) -> None:
        """Start a node, and wait until it is up."""
        self._starts += 1
        life = member.begin_life(self.engine.now)
        self.trace.add(self.engine.now, "start", member.id, detail=member.program.path)
        member.body = self.host.spawn(
            self._start_frame(member),
            lambda report: self.steps.absorb(member, life, report),
            member.disk.perform,
        )
        member.body.begin()
        self.notify()
        if not self.engine.virtual:
            await self.until(lambda: member.up or not member.running, START_LIMIT)

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
            shares=self.shares_folder,
            seed=seeds.derive(self.seed, "node", member.id, member.starts),
            pid=FIRST_PID + self._starts,
            life=member.starts,
            now=self.engine.now,
            origin=self.engine.origin,
            virtual=self.engine.virtual,
        )

    def end_life(
        self, member: Member, kind: str, detail: str = "", code: int | None = None
    ) -> None:
        """A node's process is over, or is to be; `code` is what it ended with by itself."""
        if member.body is None:
            return
        body, member.body = member.body, None
        member.state, member.inbox = State.DOWN, []
        self.calls.lose(member)
        member.ended_at = self.engine.now
        self.trace.add(self.engine.now, kind, member.id, detail=detail)
        fate = body.end()
        member.disk.free_locks()
        member.fate = fate if code is None else Fate(code, None, fate.output)
        if fate.output:
            member.log.append(Note(self.engine.now, "err", fate.output))
        self.notify()

    def notify(self) -> None:
        """Let whoever waits look again."""
        changed, self._changed = self._changed, []
        for future in changed:
            if not future.done():
                future.set_result(None)

    # ---- what the network asks of it -------------------------------------------------------------

    def deliver_at(self, when: int, message: Message) -> None:
        """See `Carrier`."""
        self.steps.deliver_at(when, message)

    def note(self, kind: str, detail: str) -> None:
        """See `Carrier`."""
        self.trace.add(self.engine.now, kind, "", detail=detail)


def id_of(node: str | Member) -> str:
    """A node's name."""
    return node if isinstance(node, str) else node.id
