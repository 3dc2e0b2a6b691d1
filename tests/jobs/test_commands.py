"""`autograder mapreduce`, as a user meets it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from autograder.catalog import REPOSITORY
from autograder.commands.mapreduce import mapreduce
from autograder.commands.stress import HOSTS
from labs.node.hosts import load
from tests.helpers import write_root
from tests.jobs.roots import make_root, write_inputs

COMMAND = [sys.executable, "-m", "autograder", "mapreduce"]
DEADLINE = 20  # seconds after which a process hangs


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    """Each command loads its own lab."""
    outer = load.set_aside()
    yield
    load.put_back(outer)


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(mapreduce, list(map(str, arguments)))


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def inputs(tmp_path: Path) -> list[Path]:
    return [tmp_path / "in" / name for name in write_inputs(tmp_path / "in")]


def merged(folder: Path) -> list[str]:
    """The lines of all outputs, sorted."""
    return sorted(
        line
        for path in folder.glob("mr-out-*")
        for line in path.read_text(encoding="utf-8").splitlines()
    )


@pytest.mark.parametrize("host", HOSTS)
def test_a_job_gives_what_the_sequential_run_gives(
    tmp_path: Path, inputs: list[Path], host: str
) -> None:
    options = ["--host", host, "--workers", "3", "--reduces", "4", "--app", "inverted_index"]
    done = call("run", *options, "--out", tmp_path / "out", *inputs)
    assert (done.exit_code, done.output.splitlines()) == (
        0,
        [match(r".*/mr-out-\*: 4 files in .*")],
    )
    assert (
        call("sequential", "--app", "inverted_index", "--out", tmp_path / "s", *inputs).exit_code
        == 0
    )
    assert merged(tmp_path / "out") == merged(tmp_path / "s")
    assert len(list((tmp_path / "out").glob("mr-out-*"))) == 4
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["mr-out-0"]


class match(str):  # noqa: N801 - it reads as what it does
    """Equal to every string that fits this pattern."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.fullmatch(self, other) is not None


def test_settings_reach_the_app(tmp_path: Path, inputs: list[Path]) -> None:
    options = ["--app", "word_search", "--set", "word=whale", "--host", "inline", "--reduces", "1"]
    assert call("run", *options, "--out", tmp_path / "in", *inputs).exit_code == 0
    assert merged(tmp_path / "in")[0] == "in-0.txt:1\tthe whale the Ωmega"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--app", "nope", "IN"], "there is no app 'nope'"),
        (["--app", "nope.py", "IN"], "there is no file nope.py"),
        (["--app", "BROKEN", "IN"], "broken.py cannot be loaded: .*broken.py:1: SyntaxError"),
        (["--app", "word_search", "IN"], "needs the setting 'word'"),
        (["--app", "word_search", "--set", "wrod=x", "IN"], "no setting 'wrod'"),
        (["--app", "word_search", "--set", "word", "IN"], "write --set NAME=VALUE"),
        (["--app", "word_count"], "Missing argument 'FILES...'"),
        (["--app", "word_count", "nothing.txt"], "cannot read .*nothing.txt"),
        (["--app", "word_count", "FOLDER"], "cannot read .*in: is it there"),
        (["--app", "word_count", "--host", "cloud", "IN"], "'cloud' is not one of"),
        (["--app", "word_count", "--workers", "0", "IN"], "0 is not in the range"),
        (["--app", "word_count", "--reduces", "0", "IN"], "0 is not in the range"),
        (["--app", "word_count", "--root", "FOLDER", "IN"], "holds no folder mapreduce/"),
        (["--app", "word_count", "--out", "FULL", "IN"], "holds mr-0-0 of another job"),
        (["--app", "word_count", "--out", "FILE", "IN"], "is a file"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, inputs: list[Path], arguments: list[str], sentence: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mr-0-0").touch()
    (tmp_path / "broken.py").write_text("class\n", encoding="utf-8")
    names = {
        "IN": inputs[0],
        "FOLDER": tmp_path / "in",
        "FULL": tmp_path / "full",
        "FILE": tmp_path / "broken.py",
        "BROKEN": tmp_path / "broken.py",
    }
    given = [str(names.get(argument, argument)) for argument in arguments]
    done = call("run", "--out", str(tmp_path / "out"), *given)
    assert done.exit_code == 2
    assert re.search(sentence, done.output), done.output
    assert isinstance(done.exception, SystemExit)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["here", "here:", ":x", "h:99999", "nowhere.invalid:1"])
def test_a_place_to_listen_that_makes_no_sense_is_refused(
    tmp_path: Path, inputs: list[Path], place: str
) -> None:
    done = call("coordinator", "--listen", place, "--folder", tmp_path / "out", *inputs)
    assert done.exit_code == 2
    assert re.search("is no HOST:PORT|cannot listen on", done.output)


def test_a_port_that_is_taken_is_refused(tmp_path: Path, inputs: list[Path]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = call("coordinator", "--listen", place, "--folder", tmp_path / "out", *inputs)
    assert done.exit_code == 2
    assert f"cannot listen on {place}" in done.output


def test_a_job_that_fails_says_whose_fault_it_was(tmp_path: Path, inputs: list[Path]) -> None:
    app = tmp_path / "cursed.py"
    app.write_text(
        "class Cursed:\n"
        "    def map(self, filename, contents):\n"
        "        return [(filename, 1 / 0)]\n"
        "    def reduce(self, key, values):\n"
        "        return ''\n",
        encoding="utf-8",
    )
    for how in (["run", "--host", "inline"], ["run", "--host", "process"], ["sequential"]):
        done = call(*how, "--app", app, "--out", tmp_path / "-".join(how), *inputs)
        assert done.exit_code == 1
        assert re.search(r"Error: .*cursed\.py:3.*ZeroDivisionError", done.output), done.output
        assert len(done.output.splitlines()) == 1


def test_a_stub_says_what_is_missing(tmp_path: Path, inputs: list[Path]) -> None:
    options: list[str | Path] = [
        "--root",
        REPOSITORY / "labs",
        "--host",
        "inline",
        "--app",
        "word_count",
    ]
    done = call("run", *options, "--out", tmp_path / "out", *inputs)
    assert done.exit_code == 1
    assert "NotImplementedError" in done.output


MEETS = """
import os, time
from pathlib import Path

class Meets:
    def __init__(self, place: str) -> None:
        self.place = Path(place)

    def map(self, filename, contents):
        (self.place / f"worker-{os.getpid()}").touch()
        while len(list(self.place.glob("worker-*"))) < 2:
            time.sleep(0.01)
        yield "inputs", filename

    def reduce(self, key, values):
        return " ".join(values)
"""


def test_the_parts_of_a_job_started_one_by_one(tmp_path: Path, inputs: list[Path]) -> None:
    """A worker that comes first waits, and the shared folder may have another path for each."""
    folder, other = tmp_path / "in", tmp_path / "mounted"
    other.symlink_to(folder)
    (tmp_path / "meets.py").write_text(MEETS, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    app: list[str | Path] = [
        "--app",
        tmp_path / "meets.py",
        "--set",
        f"place={tmp_path}",
        "--coordinator",
        place,
    ]
    with start("worker", *app, "--folder", other) as first:
        assert first.stderr is not None
        assert f"cannot reach {place} yet" in first.stderr.readline()
        options: list[str | Path] = ["--listen", place, "--reduces", "2", "--folder", folder]
        with (
            start("coordinator", *options, *inputs) as coordinator,
            start("worker", *app, "--folder", folder) as second,
        ):
            assert [p.wait(DEADLINE) for p in (coordinator, first, second)] == [0, 0, 0]
            assert coordinator.stderr is not None
            assert coordinator.stderr.read() == f"the coordinator listens on {place}\n"
    assert merged(folder) == ["inputs\tin-0.txt in-1.txt in-2.txt in-3.txt in-4.txt"]


def test_a_worker_without_a_folder_is_refused(tmp_path: Path) -> None:
    options: list[str | Path] = [
        "--coordinator",
        "127.0.0.1:1",
        "--app",
        "word_count",
        "--folder",
        tmp_path / "no",
    ]
    done = call("worker", *options)
    assert done.exit_code == 2
    assert "is no folder" in done.output


BLOCKS = """
import time

class Blocks:
    def __init__(self, fifo: str) -> None:
        self.fifo = fifo

    def map(self, filename, contents):
        with open(self.fifo, "w") as fifo:
            fifo.write("mapping")
        time.sleep(600)

    def reduce(self, key, values):
        return ""
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("host", HOSTS)
def test_an_interrupted_job_leaves_no_process(
    tmp_path: Path, inputs: list[Path], number: signal.Signals, host: str
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "blocks.py").write_text(BLOCKS, encoding="utf-8")
    options: list[str | Path] = [
        "--app",
        tmp_path / "blocks.py",
        "--set",
        f"fifo={fifo}",
        "--host",
        host,
    ]
    with start("run", *options, "--out", tmp_path / "out", inputs[0]) as job:
        with fifo.open(encoding="utf-8") as mapping:
            assert mapping.read() == "mapping"
        family = psutil.Process(job.pid).children(recursive=True)
        assert (len(family) >= 3) == (host == "process")
        job.send_signal(number)
        code = job.wait(DEADLINE)
        said = job.stderr.read() if job.stderr else ""
    if number is signal.SIGKILL:
        assert code == -number
    else:
        assert (code, said) == (128 + number, "interrupted\n")
    wait_until_dead(family)


def test_an_interrupted_worker_ends_although_it_computes(
    tmp_path: Path, inputs: list[Path]
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "blocks.py").write_text(BLOCKS, encoding="utf-8")
    app: list[str | Path] = [
        "--app",
        tmp_path / "blocks.py",
        "--set",
        f"fifo={fifo}",
        "--folder",
        tmp_path / "in",
    ]
    options: list[str | Path] = ["--listen", "127.0.0.1:0", "--folder", tmp_path / "in"]
    with start("coordinator", *options, inputs[0]) as coordinator:
        assert coordinator.stderr is not None
        place = coordinator.stderr.readline().split()[-1]
        with start("worker", "--coordinator", place, *app) as worker:
            with fifo.open(encoding="utf-8") as mapping:
                assert mapping.read() == "mapping"
            worker.send_signal(signal.SIGINT)
            assert worker.wait(DEADLINE) == 130
        coordinator.send_signal(signal.SIGINT)
        assert coordinator.wait(DEADLINE) == 130


def wait_until_dead(processes: list[psutil.Process]) -> None:
    """Wait until none of them runs; who reaps an orphan, and when, is not ours to say."""
    deadline = time.monotonic() + DEADLINE
    for process in processes:
        while is_alive(process):
            assert time.monotonic() < deadline, process


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_stress_passes_the_reference(tmp_path: Path) -> None:
    done = call("stress", "--runs", "2", "--root", make_root(tmp_path / "root"))
    assert done.exit_code == 0, done.output
    for host in HOSTS:
        assert re.search(rf"{host} +│ +2 │ +\d+ │ +2", done.output), done.output


def test_stress_finds_a_reduce_that_forgets(tmp_path: Path) -> None:
    root = make_root(tmp_path / "root")
    worker = root / "mapreduce" / "worker.py"
    text = worker.read_text(encoding="utf-8")
    right = "for x in range(task.n_map):"
    assert right in text
    worker.write_text(text.replace(right, "for x in range(1):"), encoding="utf-8")
    done = call("stress", "--runs", "1", "--seed", "3", "--root", root)
    assert done.exit_code == 1, done.output
    for host in HOSTS:
        again = rf"{host}, --seed 3 --runs 1: the output is not that of the sequential run"
        assert re.search(again, done.output), done.output


def test_a_root_that_does_not_load_is_refused(tmp_path: Path, inputs: list[Path]) -> None:
    root = write_root(tmp_path / "root", {"mapreduce/worker.py": "import nothing_like_it\n"})
    done = call("run", "--root", root, "--app", "word_count", "--out", tmp_path / "o", *inputs)
    assert done.exit_code == 2
    assert "cannot use the lab" in done.output
    assert "nothing_like_it" in done.output
