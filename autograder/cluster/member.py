"""One node of a cluster: whether it runs, what it waits for, and what it has printed."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import msgspec

from autograder.cluster.disk import SimulatedDisk
from labs.node.disk import Perform
from labs.node.hosts.control import Invocation, Note, Report, Resume, SessionsOf, Start


class State(enum.Enum):
    """Where in its life a node is."""

    IDLE = "idle"  # waits for a message or its next timer
    BLOCKED = "blocked"  # sleeps, or waits for leave to touch a file
    DOWN = "down"  # not started, killed, or ended by itself


class Fate(NamedTuple):
    """How a node ended: its exit code, or the signal that killed it; and its last raw output."""

    code: int | None
    signal: int | None
    output: str = ""


class Body(Protocol):
    """A node at work, on some host. What it does comes back through the `absorb` it was made with."""

    @property
    def pid(self) -> int | None:
        """Its process, if that runs nothing else."""

    @property
    def ready(self) -> bool:
        """Whether it is up once it has reported; an executable first has to answer `init`."""

    def begin(self) -> None:
        """Start it. Under virtual time its first report is absorbed before this returns."""

    def resume(self, resume: Resume) -> None:
        """Let it go on, and have its next report absorbed: now, or on the wall clock later."""

    def end(self) -> Fate:
        """Kill it if it still runs, reap it, and free all that it held."""

    def pause(self) -> None:
        """Stop it where it is. Under virtual time there is nothing to do."""

    def go_on(self) -> None:
        """Undo `pause`."""

    def limit_file_size(self, size: int) -> None:
        """Let the kernel kill it as it writes past this size, if the host can."""


Absorb = Callable[[Report], None]


class Host(Protocol):
    """A way to run nodes."""

    name: str
    virtual: bool  # whether its nodes can live in virtual time
    faults: bool  # whether the network between its nodes is ours

    def spawn(self, start: Start, absorb: Absorb, perform: Perform) -> Body:
        """A node that is ready to begin; `perform` is its disk, for hosts that cannot ask by report."""

    def close(self) -> None:
        """Free what the host holds for one cluster."""


@dataclass
class Program:
    """What a node runs: enough to start it again."""

    path: str = ""
    peers: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    sessions: SessionsOf | None = None


@dataclass(eq=False)
class Member:
    """A node of the cluster. Tests hold it, and name it where an id is asked for."""

    id: str
    program: Program
    disk: SimulatedDisk = field(default_factory=SimulatedDisk)
    log: list[Note] = field(default_factory=list)
    state: State = State.DOWN
    up: bool = False  # its program has started; known on the wall clock alone
    paused: bool = False
    starts: int = 0
    fate: Fate | None = None
    ended_at: int | None = None
    body: Body | None = None
    inbox: list[msgspec.Raw] = field(default_factory=list)
    invocations: list[Invocation] = field(default_factory=list)  # that it has not taken yet
    clock: int = 0  # its own time, at most a little ahead of the cluster's
    timer: int | None = None  # when it wants to run next
    alarm: int | None = None  # when the cluster will look at that timer
    held: Callable[[], None] | None = None  # what is due to it, and waits until it is resumed
    doomed: bool = False  # a rule lets the kernel kill it as it writes on
    slowness: float = 0.0  # seconds at most that each of its steps takes, beyond the usual
    late: bool = False  # its next step has been put off
    jump: int = 0  # microseconds that its calendar has been moved by

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.state is not State.DOWN

    @property
    def has_work(self) -> bool:
        """Whether something waits for it that it has not taken."""
        return bool(self.inbox or self.invocations)

    def begin_life(self, now: int) -> int:
        """Forget the last life, and begin the next; its number."""
        self.starts += 1
        self.held, self.late, self.up = None, False, False
        self.state, self.fate, self.paused, self.doomed = State.BLOCKED, None, False, False
        self.inbox, self.invocations, self.clock, self.timer, self.alarm = [], [], now, None, None
        return self.starts

    def printed(self, kind: str = "out") -> list[str]:
        """The lines that it printed."""
        return [note.text for note in self.log if note.kind == kind]
