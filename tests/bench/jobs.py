"""One word count in a process of its own: `python -m tests.bench.jobs HOW FOLDER FILE...`.

It prints the seconds that the job took, without the start of Python, and a digest of its output.
"""

from __future__ import annotations

import hashlib
import importlib
import multiprocessing
import pickle
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

app_module: Any = importlib.import_module("mapreduce.app")
APP = app_module.load_app("word_count")
PROCESSES = 2
REDUCES = 10


def sequential(files: list[str], out: Path) -> None:
    """The reference without any distribution."""
    reference: Any = importlib.import_module("mapreduce.sequential")
    text = reference.sequential(APP, files, out)
    (out / "mr-out-0").write_text(text, encoding="utf-8", newline="\n")


def workers(files: list[str], out: Path) -> None:
    """The reference: a coordinator and two workers, in processes."""
    runner: Any = importlib.import_module("mapreduce.runner")
    runner.run(APP, files, out, n_reduce=REDUCES, workers=PROCESSES, host="process")


def pool(files: list[str], out: Path) -> None:
    """The same job without any care for faults: what the standard library offers."""
    with multiprocessing.Pool(PROCESSES) as processes:
        maps = [(number, file, out) for number, file in enumerate(files)]
        processes.starmap(map_file, maps, chunksize=1)
        reduces = [(number, len(files), out) for number in range(REDUCES)]
        processes.starmap(reduce_part, reduces, chunksize=1)


def map_file(number: int, file: str, out: Path) -> None:
    """Leave the pairs of one file in a file for each reduce task."""
    parts: list[list[tuple[str, str]]] = [[] for _ in range(REDUCES)]
    for pair in APP.map(file, app_module.read_input(Path(file))):
        parts[zlib.crc32(pair[0].encode()) % REDUCES].append(pair)
    for part, pairs in enumerate(parts):
        with (out / f"mr-{number}-{part}").open("wb") as writer:
            pickle.dump(pairs, writer, pickle.HIGHEST_PROTOCOL)


def reduce_part(part: int, maps: int, out: Path) -> None:
    """Bring the pairs of one part together, and reduce them in the order of their keys."""
    groups: dict[str, list[str]] = {}
    for number in range(maps):
        for key, value in pickle.loads((out / f"mr-{number}-{part}").read_bytes()):
            groups.setdefault(key, []).append(value)
    lines = (app_module.format_line(key, APP.reduce(key, groups[key])) for key in sorted(groups))
    with (out / f"mr-out-{part}").open("w", encoding="utf-8", newline="\n") as writer:
        writer.writelines(lines)


def digest(out: Path) -> str:
    """One for all outputs with the same lines, however they are spread over files."""
    lines = sorted(line for file in out.glob("mr-out-*") for line in lines_of(file))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def lines_of(file: Path) -> Iterator[bytes]:
    """The lines of a file."""
    with file.open("rb") as reader:
        yield from reader


def main(how: str, folder: str, files: list[str]) -> None:
    """Do the job, and say how it went."""
    out = Path(folder)
    job = {"sequential": sequential, "workers": workers, "pool": pool}[how]
    began = time.perf_counter()
    job(files, out)
    print(time.perf_counter() - began, digest(out))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
