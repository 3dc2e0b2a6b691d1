"""Whole jobs, for real, on each of the three infrastructures."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.catalog import REPOSITORY
from autograder.commands.lab import Lab
from labs.node import Node
from tests.jobs.roots import loaded, make_root, write_inputs

HOSTS = ("inline", "thread", "process")

APPS = '''
import os
import signal
from pathlib import Path

class Count:
    """Counts words."""

    def map(self, filename, contents):
        for word in contents.split():
            yield word, "1"

    def reduce(self, key, values):
        return str(len(values))

class Fails(Count):
    def map(self, filename, contents):
        if filename == "in-3.txt":
            raise ValueError("this input is cursed")
        return super().map(filename, contents)

class Dies(Count):
    """Kills its process, the first so many times."""

    def __init__(self, folder: str, times: str) -> None:
        self.folder, self.times = Path(folder), int(times)

    def map(self, filename, contents):
        for n in range(self.times):
            try:
                (self.folder / f"death-{n}").touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return super().map(filename, contents)

class Exits(Count):
    def map(self, filename, contents):
        raise SystemExit(3)
'''


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with loaded(make_root(tmp_path_factory.mktemp("root"))) as lab:
        yield lab


@pytest.fixture
def apps(tmp_path: Path) -> str:
    file = tmp_path / "apps.py"
    file.write_text(APPS, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("host", HOSTS)
def test_the_output_is_that_of_the_sequential_run(
    lab: Lab, tmp_path: Path, apps: str, host: str
) -> None:
    files = write_inputs(tmp_path)
    for app in (lab.make_app("inverted_index", {}), lab.make_app(f"{apps}:Count", {})):
        seen: list[tuple[int, int, str]] = []
        progress = partial(note, seen)
        lab.runner.run(app, files, tmp_path, 3, 2, host, progress)
        assert lab.merged(tmp_path) == lab.sequential(app, files, tmp_path)
        assert seen[0] == (0, 5, "map")
        assert seen[-1] == (3, 3, "reduce")
        assert seen == sorted(seen, key=lambda step: (step[2], step[0]))
        for file in tmp_path.glob("mr-*"):
            file.unlink()


def note(seen: list[tuple[int, int, str]], done: int, total: int, phase: str) -> None:
    seen.append((done, total, phase))


@pytest.mark.parametrize("host", HOSTS)
def test_a_job_without_inputs_has_empty_outputs(lab: Lab, tmp_path: Path, host: str) -> None:
    lab.runner.run(lab.make_app("word_count", {}), [], tmp_path, 2, 1, host)
    assert [(tmp_path / f"mr-out-{y}").read_bytes() for y in (0, 1)] == [b"", b""]


@pytest.mark.parametrize("host", HOSTS)
def test_a_map_function_that_fails_ends_the_job_with_one_sentence(
    lab: Lab, tmp_path: Path, apps: str, host: str
) -> None:
    app = lab.make_app(f"{apps}:Fails", {})
    with pytest.raises(lab.runner.JobFailed) as caught:
        lab.runner.run(app, write_inputs(tmp_path), tmp_path, 2, 2, host)
    assert "failed: " in str(caught.value)
    assert re.search(r"apps\.py:19.*: ValueError: this input is cursed", str(caught.value))


@pytest.mark.parametrize("host", HOSTS)
def test_a_program_that_exits_ends_the_job_too(
    lab: Lab, tmp_path: Path, apps: str, host: str
) -> None:
    app = lab.make_app(f"{apps}:Exits", {})
    with pytest.raises(lab.runner.JobFailed, match="exit code 3"):
        lab.runner.run(app, write_inputs(tmp_path), tmp_path, 2, 2, host)


def test_a_worker_that_dies_is_replaced(lab: Lab, tmp_path: Path, apps: str) -> None:
    files = write_inputs(tmp_path)
    app = lab.make_app(f"{apps}:Dies", {"folder": str(tmp_path), "times": "2"})
    lab.runner.run(app, files, tmp_path, 2, 1, "process")
    assert sorted(path.name for path in tmp_path.glob("death-*")) == ["death-0", "death-1"]
    assert lab.merged(tmp_path) == lab.sequential(app, files, tmp_path)


def test_workers_are_replaced_only_so_often(lab: Lab, tmp_path: Path, apps: str) -> None:
    app = lab.make_app(f"{apps}:Dies", {"folder": str(tmp_path), "times": "100"})
    with pytest.raises(lab.runner.JobFailed, match="too many workers before it"):
        lab.runner.run(app, write_inputs(tmp_path), tmp_path, 2, 2, "process", replacements=3)
    assert 4 <= len(list(tmp_path.glob("death-*"))) <= 5


@pytest.mark.parametrize("host", HOSTS)
def test_a_coordinator_that_ends_early_is_found_out(
    lab: Lab, tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab.runner, "PARTING", 0.1)
    app, files = lab.make_app("word_count", {}), write_inputs(tmp_path)
    with pytest.raises(lab.runner.JobFailed, match="the coordinator ended, and there is no mr-out"):
        lab.runner.run(app, files, tmp_path, 2, 2, host, coordinator=EndsAtOnce)


@pytest.mark.parametrize("host", HOSTS)
def test_workers_that_end_early_are_found_out(
    lab: Lab, tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab.runner, "EARLY", 0.1)
    app, files = lab.make_app("word_count", {}), write_inputs(tmp_path)
    with pytest.raises(lab.runner.JobFailed, match="all workers ended, and there is no mr-out-0"):
        lab.runner.run(app, files, tmp_path, 2, 2, host, worker=EndsAtOnce)


class EndsAtOnce(Node):
    """A coordinator or a worker that does not care."""

    def __init__(self, **options: Any) -> None:
        super().__init__()

    async def main(self) -> None:
        return


def test_nothing_is_left_of_a_job(lab: Lab, tmp_path: Path) -> None:
    files = write_inputs(tmp_path)
    app = lab.make_app("word_count", {})
    for host in HOSTS:
        before = threading.active_count()
        out = tmp_path / host
        lab.runner.run(app, [str(tmp_path / file) for file in files], out, 2, 2, host)
        assert threading.active_count() == before
        assert not [p for p in psutil.Process().children(recursive=True) if "worker-" in p.name()]
        assert sorted(path.name for path in out.iterdir() if path.name[0] == ".") == []


@pytest.mark.parametrize(
    ("files", "n_reduce", "workers", "host", "sentence"),
    [
        (["no.txt"], 1, 1, "inline", "cannot read .*no.txt"),
        (["folder"], 1, 1, "inline", "cannot read .*folder"),
        ([], 0, 1, "inline", "at least one reduce task"),
        ([], 1, 0, "inline", "at least one worker"),
        ([], 1, 1, "cloud", "no host 'cloud'"),
    ],
)
def test_what_cannot_start_is_refused(
    lab: Lab,
    tmp_path: Path,
    files: list[str],
    n_reduce: int,
    workers: int,
    host: str,
    sentence: str,
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(lab.runner.Unusable, match=sentence):
        lab.runner.run(lab.make_app("word_count", {}), files, tmp_path, n_reduce, workers, host)


def test_the_output_of_another_job_is_not_touched(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "mr-out-7").write_text("precious\n", encoding="utf-8")
    with pytest.raises(lab.runner.Unusable, match="holds mr-out-7 of another job"):
        lab.runner.run(lab.make_app("word_count", {}), [], tmp_path, 1, 1, "inline")
    assert (tmp_path / "mr-out-7").read_text(encoding="utf-8") == "precious\n"


NOTEBOOK = """
import asyncio, sys
from dataclasses import dataclass
from pathlib import Path
from labs.node import Message, Node, Request, handler
from labs.node.errors import RPCError
from mapreduce.runner import run

@dataclass(frozen=True)
class Job(Message):
    names: list[str]

@dataclass(frozen=True)
class Get(Request[Job]):
    worker: str

@dataclass(frozen=True)
class Done(Message):
    pair: "Pair"

@dataclass(frozen=True)
class Pair(Message):
    left: str

BANNER = "from a cell"

def banner() -> str:
    return BANNER

class Boss(Node):
    def __init__(self, files: list[str], n_reduce: int) -> None:
        self.files, self.over = files, asyncio.Event()

    async def main(self) -> None:
        await self.over.wait()

    @handler
    async def get(self, request: Get) -> Job:
        return Job(self.files)

    @handler
    async def done(self, request: Done) -> None:
        assert request.pair.left == banner()
        self.over.set()

class Hand(Node):
    def __init__(self, coordinator: str, app: "Shout", folder: str) -> None:
        self.boss, self.app, self.folder = coordinator, app, folder

    async def main(self) -> None:
        job = await self.call(self.boss, Get(self.id), timeout=10)
        text = "".join(value for name in job.names for _, value in self.app.map(name, ""))
        Path(self.folder, "mr-out-0").write_text(text)
        self.send(self.boss, Done(Pair(banner())))

class Shout:
    def __init__(self, mark: str) -> None:
        self.mark = mark

    def map(self, filename: str, contents: str) -> list[tuple[str, str]]:
        return [(filename, filename.upper() + self.mark)]

for host in ("inline", "process", "thread", "process"):
    folder = Path(sys.argv[1]) / host
    folder.mkdir()
    (folder / "x.txt").touch()
    run(Shout("!"), ["x.txt"], folder, 1, 1, host, coordinator=Boss, worker=Hand)
    print((folder / "mr-out-0").read_text())
    (folder / "mr-out-0").unlink()
    (folder / "x.txt").unlink()
    folder.rmdir()
"""


@pytest.mark.parametrize("future", [True, False])
def test_classes_may_come_from_a_notebook(tmp_path: Path, future: bool) -> None:
    """Code that stands in no file, run twice as cells are, with a message used before it is sent."""
    code = "from __future__ import annotations\n" * future + NOTEBOOK
    path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "solutions")])
    done = subprocess.run(
        [sys.executable, "-", str(tmp_path)],
        input=code,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["X.TXT!"] * 4
