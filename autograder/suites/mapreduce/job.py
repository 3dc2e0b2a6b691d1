"""A MapReduce job under test: its inputs, its nodes, and what its output must be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from autograder.cluster import Cluster
from autograder.cluster.member import Member

APPS = Path(__file__).parent / "apps"
COORDINATOR = "mapreduce/coordinator.py:Coordinator"
WORKER = "mapreduce/worker.py:Worker"
END_LIMIT = 30.0  # virtual seconds within which every process ends once the job is done

WORDS = "the of and a to in he that was it his is with as for had you not be her on at by".split()


class Job:
    """One job on a cluster: `files` are written into the shared folder, nodes are started by name."""

    def __init__(self, cluster: Cluster, files: dict[str, str], n_reduce: int = 10) -> None:
        self.cluster = cluster
        self.files = files
        self.n_reduce = n_reduce
        self.workers: list[Member] = []
        for name, text in files.items():
            (cluster.folder / name).write_text(text, encoding="utf-8", newline="")

    async def start(self, workers: int, app: dict[str, Any]) -> None:
        """Start the coordinator and its workers."""
        self.app = app
        self.coordinator = await self.cluster.start(
            COORDINATOR, "coordinator", files=list(self.files), n_reduce=self.n_reduce
        )
        for _ in range(workers):
            await self.add_worker()

    async def add_worker(self) -> Member:
        """Start one more worker."""
        name = f"w{len(self.workers) + 1}"
        options = {"coordinator": "coordinator", "app": self.app, "folder": "."}
        worker = await self.cluster.start(WORKER, name, **options)
        self.workers.append(worker)
        return worker


def texts(cluster: Cluster, number: int = 8, words: int = 60) -> dict[str, str]:
    """Small books of common words, a different one for every seed."""
    choose = cluster.random.choice
    return {f"book-{n}.txt": " ".join(choose(WORDS) for _ in range(words)) for n in range(number)}


def count_words(files: dict[str, str]) -> Counter[str]:
    """What word count must find in texts of plain words."""
    return Counter(word for text in files.values() for word in text.split())


def outputs(cluster: Cluster) -> list[Path]:
    """The output files, by number."""
    return sorted(cluster.folder.glob("mr-out-*"), key=lambda path: int(path.name.split("-")[2]))
