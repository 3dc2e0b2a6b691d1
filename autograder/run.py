"""Runs one test over its seeds, and says what was found."""

from __future__ import annotations

import os
import tempfile
import time
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from autograder.catalog import apps, own_files
from autograder.checkers.finding import Dependency
from autograder.checkers.history import History, Operation
from autograder.cluster import seeds
from autograder.cluster.cluster import Cluster
from autograder.cluster.engine import Engine, VirtualEngine, WallEngine
from autograder.cluster.errors import HarnessFault, NodeFault, Unfinished, Unsupported
from autograder.cluster.hosts.command import CommandHost
from autograder.cluster.hosts.inline import InlineHost
from autograder.cluster.hosts.process import ProcessHost
from autograder.cluster.hosts.thread import ThreadHost
from autograder.cluster.member import Host
from autograder.cluster.trace import Trace
from autograder.cluster.zygote import Zygotes
from autograder.sandbox import RUNGS, confinements, scratch_folder
from autograder.secret import PUBLIC
from autograder.verdict import Verdict
from autograder.violation import Violation
from labs.node.errors import NodeError
from labs.node.hosts.control import Note

Test = Callable[[Cluster], Coroutine[Any, Any, None]]
TIME_LIMIT = 3_600.0  # virtual seconds
WALL_LIMIT = 120.0  # seconds on the wall clock
EVENT_LIMIT = 2_000_000
PATIENCE = 2.0  # real seconds of a failing run after which no shorter one is looked for
LAST_LINES = 8  # of what each node printed
LONGEST = 1 << 16  # characters of what was seen: nodes have written some of them


CLOCKS = {  # that a host knows, its own first
    "process": ("virtual", "wall"),
    "inline": ("virtual",),
    "thread": ("wall",),
    "command": ("wall",),
}
WALL_HOSTS: dict[str, Callable[[WallEngine], Host]] = {"thread": ThreadHost, "command": CommandHost}


@dataclass(frozen=True)
class Settings:
    """How to run: whose files, on which host, by which clock."""

    root: Path
    given: Path
    host: str = "process"
    clock: str = "virtual"
    rungs: tuple[str, ...] = tuple(RUNGS)  # of the sandbox, the first that works here
    around: Path | None = (
        None  # a folder of roots, all of which nodes may read; else their own alone
    )

    def problem(self) -> str | None:
        """Why this cannot be run, in a sentence."""
        known = CLOCKS[self.host]
        if self.clock in known:
            return None
        return f"--host {self.host} runs by the {known[0]} clock alone: leave --clock away"


@dataclass(frozen=True)
class Outcome:
    """What one run found."""

    seed: int
    verdict: Verdict
    seen: str
    events: int
    virtual_seconds: float
    real_seconds: float
    trace: Trace = field(default_factory=Trace, repr=False, compare=False)
    history: History = field(default_factory=History, repr=False, compare=False)
    evidence: tuple[Operation, ...] = field(default=(), repr=False, compare=False)
    cycle: tuple[Dependency, ...] = field(default=(), repr=False, compare=False)

    @property
    def digest(self) -> str:
        """The hash of the run's trace."""
        return self.trace.digest()

    def in_brief(self) -> Outcome:
        """The same without what happened."""
        return replace(self, trace=Trace(), history=History(), evidence=(), cycle=())


def seeds_for(test: str, first: int | None, number: int, secret: str = PUBLIC) -> list[int]:
    """The seeds of a test's runs: derived from the secret, or from the first one if it is given."""
    if first is None:
        return [seeds.derive(secret, test, n) for n in range(number)]
    return [first, *(seeds.derive(first, test, n) for n in range(1, number))]


class Runner:
    """Runs tests; holds the processes that nodes are forked from."""

    def __init__(self, settings: Settings, processor: int | None = None) -> None:
        self.settings = settings
        self._zygotes: Zygotes | None = None
        self._confined_to: Path | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._processor = processor

    def run(self, test: Test, run_seeds: list[int]) -> list[Outcome]:
        """Run a test with each seed; stops early once a failing run has taken long.

        What happened in it is kept of the run to show alone: a trace may hold many megabytes.
        """
        outcomes: list[Outcome] = []
        for seed in run_seeds:
            outcome = self.run_once(test, seed)
            outcomes.append(outcome)
            shown = shortest_failure(outcomes)
            outcomes = [each if each is shown else each.in_brief() for each in outcomes]
            if outcome.verdict is not Verdict.PASS and outcome.real_seconds > PATIENCE:
                break
        return outcomes

    def run_once(self, test: Test, seed: int) -> Outcome:
        """One run, in a folder of its own, of which nothing is left afterwards."""
        began = time.perf_counter()
        with scratch_folder(self._runs()) as folder:
            cluster = self.cluster(seed, folder)
            try:
                found = judge(cluster, test)
            finally:
                cluster.close()
        engine = cluster.engine
        real = time.perf_counter() - began
        return Outcome(
            seed,
            found.verdict,
            found.seen,
            engine.events,
            engine.now / 1e6,
            real,
            cluster.trace,
            cluster.history,
            found.evidence,
            found.cycle,
        )

    def cluster(self, seed: int, folder: Path) -> Cluster:
        """A fresh cluster for one run."""
        settings = self.settings
        engine = self._engine(seed)
        host = self._host(engine, seed, folder)
        return Cluster(
            host,
            engine,
            seed,
            settings.root.resolve(),
            settings.given,
            folder.resolve(),
            own_files(),
        )

    def _engine(self, seed: int) -> Engine:
        if self.settings.clock == "wall":
            return WallEngine(WALL_LIMIT)
        return VirtualEngine(seeds.stream(seed, "order"), TIME_LIMIT, EVENT_LIMIT)

    def _host(self, engine: Engine, seed: int, folder: Path) -> Host:
        name = self.settings.host
        if name == "inline":
            return InlineHost(seed, str(folder))
        if isinstance(engine, WallEngine) and name in WALL_HOSTS:
            return WALL_HOSTS[name](engine)
        wall = engine if isinstance(engine, WallEngine) else None
        processor = self._pin() if wall is None else -1
        return ProcessHost(self._confined(), processor, wall)

    def _confined(self) -> Zygotes:
        """On the same processor, so that nodes find a warm cache; others where another root may be read."""
        readable = self.settings.around or self.settings.root
        if self._zygotes is None or self._confined_to != readable:
            if self._zygotes is not None:
                self._zygotes.close()
            roots = [str(path.resolve()) for path in (readable, self.settings.given, *apps())]
            self._zygotes = Zygotes(confinements(self.settings.rungs, roots, self._runs()))
            self._confined_to = readable
        return self._zygotes

    def sandbox(self) -> str:
        """The name of the rung that the nodes are on."""
        if self.settings.host != "process":
            return "none"
        return self.settings.rungs[self._confined().chosen()]

    def _runs(self) -> str:
        """The folder of the folders of all runs."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(
                prefix="autograder-", ignore_cleanup_errors=True
            )
        return os.path.realpath(self._folder.name)

    def _pin(self) -> int:
        """Keep this process, and the nodes, on one processor: only one of them runs at a time."""
        if self._processor is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {self._processor})
            return self._processor
        return -1

    def close(self) -> None:
        """End the processes that nodes are forked from."""
        if self._zygotes is not None:
            self._zygotes.close()
            self._zygotes = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


class Found(NamedTuple):
    """What a run came to, in words, and the operations that show it; the cycle, if that is what they do."""

    verdict: Verdict
    seen: str = ""
    evidence: tuple[Operation, ...] = ()
    cycle: tuple[Dependency, ...] = ()


def judge(cluster: Cluster, test: Test) -> Found:
    """Run a test to its end."""
    try:
        cluster.run(test(cluster))
    except NodeFault as fault:
        return Found(Verdict.FAIL, with_output(cluster, f"{fault}\n{fault.traceback}".rstrip()))
    except Violation as error:
        seen = with_output(cluster, said_by(error))
        return Found(Verdict.FAIL, seen, error.evidence, error.cycle)
    except (AssertionError, Unfinished, NodeError) as error:
        return Found(Verdict.FAIL, with_output(cluster, said_by(error)))
    except Unsupported:
        raise
    except HarnessFault as fault:
        return Found(Verdict.UNKNOWN, f"our fault: {fault}")
    except Exception:
        return Found(Verdict.UNKNOWN, f"our fault:\n{traceback.format_exc()}")
    return Found(Verdict.PASS)


def said_by(error: Exception) -> str:
    """The message of a failed check, without what pytest adds about its expression."""
    text = str(error).partition("\nassert ")[0] or "the check failed"
    return f"{type(error).__name__}: {text}" if isinstance(error, NodeError) else text


def with_output(cluster: Cluster, seen: str) -> str:
    """What was seen, and under it what the nodes said."""
    noted = [(m.id, note) for m in cluster.members.values() for note in telling(m.log)]
    noted.sort(key=lambda entry: entry[1].now)
    lines = [f"  {note.now / 1e6:10.6f} s  {id:<12} {note.text[:200]}" for id, note in noted]
    return "\n".join([seen, *(["the nodes printed:", *lines] if lines else [])])[:LONGEST]


def telling(log: list[Note]) -> list[Note]:
    """All advice to a node's author, and the last lines that the node printed."""
    advice = [note for note in log if note.kind == "advice"]
    printed = [note for note in log if note.kind in ("out", "err")]
    return advice + printed[-LAST_LINES:]


def shortest_failure(outcomes: list[Outcome]) -> Outcome:
    """The run to show: the failing one with the fewest events; the first if none failed."""
    for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
        found = [outcome for outcome in outcomes if outcome.verdict is verdict]
        if found:
            return min(found, key=lambda outcome: outcome.events)
    return outcomes[0]
