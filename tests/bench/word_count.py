"""Word count over real text: two workers, against one process and against a pool of two."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import psutil

from autograder.catalog import REPOSITORY
from tests.bench.rows import Row, at_least, at_most, interleave, ratio

MEGABYTE = 1_000_000
SPLIT = 4 * MEGABYTE  # of an input file
GLANCE = 0.02  # seconds between two looks at the memory of a job


def measure(quick: bool) -> list[Row]:
    """Speed first; then memory, in runs of their own."""
    rounds, size = (1, 24 * MEGABYTE) if quick else (3, 100 * MEGABYTE)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        files = write_files(folder / "in", size, SPLIT)
        return [*speed(folder, files, rounds), *memory(folder, files, size // 2)]


def speed(folder: Path, files: list[Path], rounds: int) -> list[Row]:
    """Seconds of the three ways, taken in turn; raises if their outputs differ."""
    outputs: dict[str, str] = {}

    def seconds(how: str) -> float:
        took, outputs[how] = run(how, folder, files)
        return took

    ways = ("workers", "sequential", "pool")
    workers, alone, pool = interleave(rounds, *(lambda way=way: seconds(way) for way in ways))
    if len(set(outputs.values())) != 1:
        raise RuntimeError("the outputs of the three ways differ")
    total = sum(file.stat().st_size for file in files) / MEGABYTE
    note = f"{total:.0f} MB: {median(workers):.1f} s,"
    return [
        Row(
            "word count, two workers over sequential",
            ratio(alone, workers),
            "times",
            at_least(1.6),
            f"{note} {median(alone):.1f} s",
        ),
        Row(
            "word count, its time over a pool's",
            ratio(workers, pool),
            "times",
            at_most(1.15),
            f"{note} {median(pool):.1f} s",
        ),
    ]


def memory(folder: Path, files: list[Path], half: int) -> list[Row]:
    """Peaks of the largest process: for half the files, for all, and for the half as one file."""
    some, (whole,) = files[: half // SPLIT], write_files(folder / "whole", half, half)
    less, more, one = (peak(folder, names) for names in (some, files, [whole]))
    size = SPLIT // MEGABYTE
    note = f"{less:.0f} MB with {len(some)} files of {size} MB, {more:.0f} MB with {len(files)}"
    what = f"peak memory of a process, with one file of {half // MEGABYTE} MB"
    return [
        Row("peak memory of a process, twice the input", more / less, "times", at_most(1.25), note),
        Row(what, one, "MB"),
    ]


def run(how: str, folder: Path, files: list[Path]) -> tuple[float, str]:
    """Do the job in a fresh process; the seconds that it took, and a digest of its output."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        said = subprocess.run(
            command(how, out, files), stdout=subprocess.PIPE, env=environment(), check=True
        ).stdout.split()
    return float(said[0]), said[1].decode()


def peak(folder: Path, files: list[Path]) -> float:
    """The most resident megabytes that any process of a job with two workers has."""
    most = 0
    with (
        tempfile.TemporaryDirectory(dir=folder) as out,
        subprocess.Popen(
            command("workers", out, files), stdout=subprocess.DEVNULL, env=environment()
        ) as job,
    ):
        while job.poll() is None:
            most = max(most, largest(psutil.Process(job.pid)))
            time.sleep(GLANCE)
    if job.returncode:
        raise RuntimeError(f"the job ended with code {job.returncode}")
    return most / MEGABYTE


def largest(process: psutil.Process) -> int:
    """The resident bytes of the largest process of a tree, as far as they are still there."""
    most = 0
    try:
        for each in (process, *process.children(recursive=True)):
            most = max(most, each.memory_info().rss)
    except psutil.NoSuchProcess:
        pass
    return most


def command(how: str, out: str, files: list[Path]) -> list[str]:
    """What runs the job."""
    return [sys.executable, "-m", "tests.bench.jobs", how, out, *map(str, files)]


def environment() -> dict[str, str]:
    """Where the reference is found."""
    path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "solutions")])
    return {**os.environ, "PYTHONPATH": path}


def write_files(folder: Path, total: int, size: int) -> list[Path]:
    """Files of `size` bytes of real text, `total` in all."""
    folder.mkdir()
    source, files = text_of_library(), []
    for number in range(total // size):
        file = folder / f"{number:03}.txt"
        with file.open("wb") as writer:
            while writer.tell() < size:
                writer.write(next(source)[: size - writer.tell()])
        files.append(file)
    return files


def text_of_library() -> Iterator[bytes]:
    """The texts of the Python library on this machine, again and again."""
    library = Path(sysconfig.get_path("stdlib"))
    texts = sorted(
        path
        for path in library.rglob("*")
        if path.suffix in (".py", ".rst", ".txt") and "site-packages" not in path.parts
    )
    while True:
        yield from (path.read_bytes() for path in texts)
