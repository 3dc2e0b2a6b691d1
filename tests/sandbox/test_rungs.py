"""Every rung leaves nodes what they need, and is chosen where it is the best that there is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from autograder.catalog import GIVEN, REPOSITORY
from autograder.cluster import Cluster
from autograder.cluster.errors import HarnessFault
from autograder.run import Runner, Settings
from autograder.sandbox import RUNGS, rungs
from autograder.verdict import Verdict
from tests.attacks.attacks import write_honest
from tests.attacks.other_python import can_be_another_user
from tests.helpers import write_root
from tests.mutants.trial import suite_of

PROGRAM = """
import os
import threading
from labs.node import Node


class Server(Node):
    async def main(self):
        {}
"""


@contextmanager
def on(root: Path, *names: str, clock: str = "virtual") -> Iterator[Runner]:
    """A runner on the first of these rungs that works; skips the test if none does."""
    made = Runner(Settings(root, GIVEN, clock=clock, rungs=names))
    try:
        made.sandbox()
    except HarnessFault as reason:
        pytest.skip(f"{names}: {reason}")
    else:
        yield made
    finally:
        made.close()


def run(runner: Runner, code: str, shares: bool = False) -> str:
    """What is seen of a node that runs this code; empty if that ended well."""
    write_root(runner.settings.root, {"it/server.py": PROGRAM.format(code)})

    async def test(cluster: Cluster) -> None:
        cluster.shares_folder = shares
        member = await cluster.start("it/server.py:Server")
        await cluster.ended(member, 10)

    outcome = runner.run_once(test, 1)
    assert outcome.verdict is not Verdict.UNKNOWN, outcome.seen
    return outcome.seen


# ---- what a node can do --------------------------------------------------------------------------

CAN = {
    "import of Python's modules": "import xml.dom.minidom, decimal, sqlite3",
    "import of packages": "import click, rich.table",
    "import of its lab": "from it import other; assert other.VALUE == 1",
    "import of what is given": "import kv.messages, mapreduce.apps.word_count",
    "files of its root": "import it.other; assert open(it.other.__file__).read()",
    "the null device": "open(os.devnull, 'w').write('x'); assert not open(os.devnull).read()",
    "time zones": "import zoneinfo; zoneinfo.ZoneInfo('UTC')",
    "pipes and socket pairs": "import socket; socket.socketpair(); os.pipe()",
    "its own signals": "import signal; signal.signal(10, lambda *_: 0); signal.raise_signal(10)",
    "randomness": "import uuid, random, secrets; uuid.uuid4(), secrets.token_hex()",
}


@pytest.mark.parametrize("name", CAN)
def test_a_node_can_do_what_it_needs(rung: str, root: Path, name: str) -> None:
    write_root(root, {"it/other.py": "VALUE = 1"})
    with on(root, rung) as runner:
        assert run(runner, CAN[name]) == ""


def test_a_node_writes_the_folder_that_it_shares_alone(rung: str, root: Path) -> None:
    files = "os.mkdir('new'); open('new/f', 'w').write('x'); os.rename('new/f', 'f')"
    with on(root, rung) as runner:
        assert run(runner, f"{files}; assert open('f').read() == 'x'; os.remove('f')", True) == ""
        refused = run(runner, "open('/tmp/f' if os.getcwd() != '/' else 'f', 'w')")
    assert ("Errno" in refused) == (rung != "none")


# Of each means by which a test acts on nodes, one test: messages, a shared folder, another one made
# later, a write torn by the kernel, memory looked at, a disk.
ACTS = {
    "kv": ["test_put_and_get", "test_memory_of_many_clients"],
    "mapreduce": ["test_word_count", "test_empty_inputs", "test_killed_while_writing"],
    "storage": ["test_used_by_one"],
}


@pytest.mark.parametrize("lab", ACTS)
def test_the_reference_passes(rung: str, lab: str, root: Path) -> None:
    write_honest(lab, root)
    with on(root, rung) as runner:
        for test in ACTS[lab]:
            outcome = runner.run_once(suite_of(lab)[test], 1)
            assert outcome.verdict is Verdict.PASS, outcome.seen


@pytest.mark.parametrize("lab", ["kv", "mapreduce"])
def test_the_reference_passes_on_the_wall_clock(rung: str, lab: str, root: Path) -> None:
    write_honest(lab, root)
    with on(root, rung, clock="wall") as runner:
        outcome = runner.run_once(suite_of(lab)[ACTS[lab][0]], 1)
        assert outcome.verdict is Verdict.PASS, outcome.seen


def test_threads_run_on_the_wall_clock_alone(rung: str, root: Path) -> None:
    work = "import asyncio; t = threading.Thread(target=print); t.start(); t.join()"
    with on(root, rung, clock="wall") as runner:
        assert run(runner, f"{work}; assert await asyncio.to_thread(len, 'abc') == 3") == ""
    with on(root, rung) as runner:
        assert "use self.spawn(coroutine)" in run(runner, work)


# ---- which is chosen -----------------------------------------------------------------------------


def test_the_first_that_works_is_chosen(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rungs, "filters", lambda: (b"\xff" * 8, b""))  # of no system call
    with on(root, "landlock", "none") as runner:
        assert runner.sandbox() == "none"
    runner = Runner(Settings(root, GIVEN, rungs=("landlock", "uid")))
    with pytest.raises(HarnessFault, match="cannot confine nodes"):
        runner.sandbox()
    runner.close()


MASKS: dict[str, list[str]] = {
    "namespaces": [],
    "mounts": ["landlock_create_ruleset"],
    "landlock": ["unshare"],
    "uid": ["unshare", "landlock_create_ruleset"],
}


@pytest.mark.parametrize("expected", MASKS)
def test_a_rung_is_chosen_where_the_better_ones_are_missing(expected: str) -> None:
    if expected == "uid" and not can_be_another_user():
        expected = "none"
    done = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.masked", *MASKS.get(expected, MASKS["uid"])],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    caught = "PASS" if expected == "none" else "FAIL"
    assert found == {"rung": expected, "honest": "PASS", "reader": caught, "talker": caught}


def test_without_a_filter_of_system_calls_nothing_else_is_taken_for_a_sandbox(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rungs, "filters", lambda: None)
    with on(root, *RUNGS) as runner:
        assert runner.sandbox() == "none"


# ---- whose fault it is ---------------------------------------------------------------------------


def test_a_node_that_cannot_be_confined_is_our_fault(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = rungs.filters()
    if programs is None:
        pytest.skip("nothing filters system calls here")
    broken = (programs[0], b"\xff" * 8)  # the probe is virtual
    monkeypatch.setattr(rungs, "filters", lambda: broken)
    write_root(root, {"it/server.py": PROGRAM.format("pass")})

    async def test(cluster: Cluster) -> None:
        await cluster.start("it/server.py:Server")

    with on(root, *RUNGS, clock="wall") as runner:
        if runner.sandbox() == "none":
            pytest.skip("nothing confines nodes here")
        outcome = runner.run_once(test, 1)
    assert outcome.verdict is Verdict.UNKNOWN
    assert "our fault: n1 could not be confined: OSError: [Errno 22] seccomp" in outcome.seen


def test_nothing_is_imported_from_where_the_grader_is_started(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = "open({!r} + __name__, 'w').close(); raise SystemExit"
    for name in ("asyncio", "msgspec", "labs", "ctypes", "site", "sitecustomize"):
        write_root(root, {f"{name}.py": marks.format(f"{root}/was-run-")})
    write_root(root, {"it/other.py": "VALUE = 1"})
    monkeypatch.chdir(root)
    with on(root, *RUNGS) as runner:
        assert run(runner, "from it.other import VALUE; import glob, xml.dom") == ""
    assert not list(root.glob("was-run-*"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems choose otherwise")
def test_nodes_are_what_the_kernel_kills_when_memory_runs_out(root: Path) -> None:
    with on(root, *RUNGS):
        children = psutil.Process().children()
        scores = [Path(f"/proc/{child.pid}/oom_score_adj").read_text() for child in children]
    assert scores.count("1000\n") >= 2
