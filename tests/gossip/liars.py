"""Nodes that write whatever a script says, in the test's own process and in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from autograder.cluster import Cluster
from autograder.cluster.engine import VirtualEngine
from autograder.cluster.member import Absorb, Fate
from autograder.gossip.drive import drive
from autograder.gossip.load import Load
from autograder.gossip.workload import Workload
from autograder.gossip.workloads.echo import Echo
from autograder.run import Found, judge
from labs.node.disk import Perform
from labs.node.hosts.control import Report, Resume, Start

# What a node writes when it gets a message: whole lines.
Script = Callable[[str, dict[str, Any]], Iterable[bytes]]
SHORT = Load(nodes=2, rate=20, time_limit=0.5, calm=0.1, timeout=0.2)


class LiarHost:
    """Runs scripts. See `Host`."""

    name = "liar"
    virtual = True
    faults = True

    def __init__(self, script: Script) -> None:
        self._script = script

    def spawn(self, start: Start, absorb: Absorb, perform: Perform) -> LiarBody:
        """See `Host`."""
        return LiarBody(self._script, start, absorb)

    def close(self) -> None:
        """Nothing is held."""


class LiarBody:
    """A script at work. See `Body`."""

    pid: int | None = None
    ready = True

    def __init__(self, script: Script, start: Start, absorb: Absorb) -> None:
        self._script = script
        self._start = start
        self._absorb = absorb

    def begin(self) -> None:
        self._absorb(Report(self._start.now, None, [], []))

    def resume(self, resume: Resume) -> None:
        messages = map(msgspec.json.decode, resume.messages)
        lines = [
            msgspec.Raw(line) for each in messages for line in self._script(self._start.id, each)
        ]
        self._absorb(Report(resume.now, None, lines, []))

    def end(self) -> Fate:
        return Fate(0, None)

    def pause(self) -> None:
        pass

    def go_on(self) -> None:
        pass

    def limit_file_size(self, size: int) -> None:
        pass


def put(script: Script, workload: Workload | None = None) -> Found:
    """What a run with nodes that follow a script comes to, by default the run of an echo."""
    engine = VirtualEngine(Random(1), 60, 100_000)
    cluster = Cluster(LiarHost(script), engine, 1, Path("/"), Path("/"), Path("/"))

    async def test(cluster: Cluster) -> None:
        run = await drive(cluster, workload or Echo(), "liar", SHORT)
        run.must_hold()

    found = judge(cluster, test)
    cluster.close()
    return found


def echoed(id: str, message: dict[str, Any]) -> dict[str, Any]:
    """The right reply to an echo."""
    asked = message["body"]
    body = {"type": "echo_ok", "in_reply_to": asked["msg_id"], "echo": asked["echo"]}
    return {"src": id, "dest": message["src"], "body": body}
