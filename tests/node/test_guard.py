"""A node's process: its clocks are virtual, and no chance gets in but through the seed."""

from __future__ import annotations

from textwrap import indent

import pytest

from autograder.cluster import Cluster
from autograder.run import Runner
from labs.node.hosts.guard import EPOCH
from tests.helpers import write_root

PROGRAM = """
import asyncio
import datetime
import glob
import os
import pathlib
import random
import secrets
import tempfile
import time
import uuid
from labs.node import Node


class Thing:
    pass


class Server(Node):
    async def main(self):
"""


def printed(session: Runner, code: str, seed: int = 1, nodes: int = 1) -> list[list[str]]:
    """What nodes print that run this code, which ends in time."""
    write_root(session.settings.root, {"lab/server.py": PROGRAM + indent(code, " " * 8)})
    lines: list[list[str]] = []

    async def watch(cluster: Cluster) -> None:
        cluster.shares_folder = True
        for name in ("b", "c", "a"):
            (cluster.folder / name).touch()
        for _ in range(nodes):
            member = await cluster.start("lab/server.py:Server")
            await cluster.ended(member, 3_500)
            lines.append(member.printed())

    assert session.run_once(watch, seed).seen == ""
    return lines


# ---- chance --------------------------------------------------------------------------------------

SEEDED = {
    "the node's own": "print(self.random.random())",
    "random": "print(random.random(), random.getrandbits(99), random.sample(range(99), 5))",
    "Random()": "print(random.Random().random())",
    "Random(None)": "print(random.Random(None).random())",
    "SystemRandom": "print(random.SystemRandom().random())",
    "os.urandom": "print(os.urandom(16).hex())",
    "os.getrandom": "print(os.getrandom(16).hex())",
    "uuid4": "print(uuid.uuid4())",
    "uuid1": "print(uuid.uuid1())",
    "secrets": "print(secrets.token_hex(), secrets.randbelow(10**9), secrets.choice(range(10**9)))",
    "names of temporary files": "print(tempfile.mktemp()[-8:], tempfile.mkdtemp(dir='.')[-8:])",
}
FIXED = {
    "a set of text": "print({str(n) for n in range(100)})",
    "a set of objects": "things = [Thing() for _ in range(100)]; "
    "print([things.index(thing) for thing in set(things)])",
    "the order of addresses": "things = [Thing() for _ in range(100)]; print(list(map(id, things)))",
    "hash of text": "print(hash('x'), hash(b'x'))",
    "hash of an object": "print(hash(Thing()), hash(None), hash(Thing))",
    "Random(7)": "print(random.Random(7).random())",
    "the process": "print(os.getpid(), os.getppid(), uuid.getnode())",
    "the environment": "print(sorted(os.environ.items()))",
    "the time of the start": "print(time.time(), time.monotonic())",
}


@pytest.mark.parametrize("name", [*SEEDED, *FIXED])
def test_what_a_program_sees_is_the_same_in_every_run(session: Runner, name: str) -> None:
    code = {**SEEDED, **FIXED}[name]
    first, second = (printed(session, code) for _ in range(2))
    assert first == second
    assert first[0] != []


@pytest.mark.parametrize("name", SEEDED)
def test_another_seed_gives_other_chance(session: Runner, name: str) -> None:
    assert printed(session, SEEDED[name], seed=2) != printed(session, SEEDED[name])


@pytest.mark.parametrize("name", SEEDED)
def test_two_nodes_of_a_cluster_draw_differently(session: Runner, name: str) -> None:
    first, second = printed(session, SEEDED[name], nodes=2)
    assert first != second


def test_a_number_that_a_program_seeds_itself_is_python_s(session: Runner) -> None:
    import random

    assert printed(session, FIXED["Random(7)"]) == [[str(random.Random(7).random())]]


def test_two_nodes_hash_text_differently(session: Runner) -> None:
    first, second, third = printed(session, "print(hash('x'))", nodes=3)
    assert first != second
    assert first == third


def test_another_process_number_in_each_life(session: Runner) -> None:
    assert printed(session, "print(os.getpid())", nodes=2) == [["101"], ["102"]]


LISTINGS = {
    "os.listdir": "os.listdir('.')",
    "os.listdir of bytes": "[os.fsdecode(n) for n in os.listdir(b'.')]",
    "os.scandir": "[entry.name for entry in os.scandir('.')]",
    "os.scandir in with": "[entry.name for entry in os.scandir()]",
    "glob": "glob.glob('*')",
    "iterdir": "[path.name for path in pathlib.Path('.').iterdir()]",
    "Path.glob": "[path.name for path in pathlib.Path('.').glob('*')]",
    "os.walk": "next(os.walk('.'))[2]",
}


@pytest.mark.parametrize("name", LISTINGS)
def test_listings_are_sorted(session: Runner, name: str) -> None:
    assert printed(session, f"print({LISTINGS[name]})") == [["['a', 'b', 'c']"]]


# ---- time ----------------------------------------------------------------------------------------

CLOCKS = {
    "time.monotonic()": 0,
    "time.perf_counter()": 0,
    "time.process_time()": 0,
    "time.thread_time()": 0,
    "time.time()": EPOCH,
    "time.monotonic_ns() / 1e9": 0,
    "time.time_ns() / 1e9": EPOCH,
    "datetime.datetime.now().timestamp()": EPOCH,
    "datetime.datetime.now(datetime.UTC).timestamp()": EPOCH,
    "datetime.datetime.today().timestamp()": EPOCH,
    "asyncio.get_running_loop().time()": 0,
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_every_clock_follows_virtual_time(session: Runner, clock: str) -> None:
    code = f"before = {clock}\nawait asyncio.sleep(50)\nprint(before)\nprint({clock} - before)"
    before, passed = (float(line) for line in printed(session, code)[0])
    assert before - CLOCKS[clock] == pytest.approx(0, abs=0.001)
    assert passed == pytest.approx(50, abs=0.001)


@pytest.mark.parametrize("clock", [clock for clock in CLOCKS if "loop" not in clock])
def test_reading_a_clock_takes_a_microsecond(session: Runner, clock: str) -> None:
    code = f"before = {clock}\nprint(round(({clock} - before) * 1e6))"
    assert printed(session, code) == [["1"]]


DATES = {
    "datetime.date.today()": "2001-01-01",
    "datetime.datetime.now().isoformat()[:16]": "2001-01-01T00:50",
    "datetime.datetime.utcnow().isoformat()[:16]": "2001-01-01T00:50",
    "time.strftime('%Y-%m-%d %H')": "2001-01-01 00",
    "time.strftime('%Y', time.gmtime(0))": "1970",
    "time.gmtime()[:4]": "(2001, 1, 1, 0)",
    "time.localtime(0)[:4]": "(1970, 1, 1, 0)",
    "time.ctime()[:16]": "Mon Jan  1 00:50",
    "isinstance(datetime.datetime.now(), datetime.datetime)": "True",
    "datetime.datetime(2020, 1, 1) - datetime.datetime(2019, 1, 1)": "365 days, 0:00:00",
}


@pytest.mark.parametrize("date", DATES)
def test_every_date_follows_virtual_time(session: Runner, date: str) -> None:
    code = f"import warnings; warnings.simplefilter('ignore'); time.sleep(3_000.0)\nprint({date})"
    assert printed(session, code) == [[DATES[date]]]


def test_a_busy_wait_ends(session: Runner) -> None:
    code = "while time.monotonic() < 5: pass\nprint(time.monotonic() < 5.2)"
    assert printed(session, code) == [["True"]]


def test_time_sleep_takes_as_long_as_it_says(session: Runner) -> None:
    code = "before = time.monotonic()\ntime.sleep(2.5)\nprint(round(time.monotonic() - before, 3))"
    assert printed(session, code) == [["2.5"]]


def test_time_sleep_holds_up_no_other_node(session: Runner) -> None:
    lines: list[str] = []
    write_root(
        session.settings.root,
        {"lab/server.py": PROGRAM + " " * 8 + "time.sleep(len(self.id)); print(self.id)"},
    )

    async def watch(cluster: Cluster) -> None:
        long = await cluster.start("lab/server.py:Server", id="n" * 9)
        short = await cluster.start("lab/server.py:Server", id="nn")
        await cluster.ended(short, 3)
        assert long.running
        lines.extend(short.printed())

    assert session.run_once(watch, 1).seen == ""
    assert lines == ["nn"]


@pytest.mark.parametrize("seconds", ["-1", "'x'"])
def test_time_sleep_refuses_what_python_s_refuses(session: Runner, seconds: str) -> None:
    code = f"try: time.sleep({seconds})\nexcept (ValueError, TypeError): print('refused')"
    assert printed(session, code) == [["refused"]]
