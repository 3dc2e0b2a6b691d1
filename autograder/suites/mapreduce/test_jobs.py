"""Whole jobs, without faults."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.mapreduce.inputs import WORDS, texts
from autograder.suites.mapreduce.job import Job
from autograder.suites.marks import needs_processes


@points(5)
async def test_word_count(cluster: Cluster) -> None:
    """Three workers count the words of eight inputs."""
    app = {"$load": "mapreduce/apps/word_count.py:WordCount"}
    job = Job(cluster, texts(cluster, 8), n_reduce=4, app=app)
    await job.start(3)
    await job.finish()


@points(2)
async def test_inverted_index(cluster: Cluster) -> None:
    """Two workers find in which inputs each word occurs."""
    app = {"$load": "mapreduce/apps/inverted_index.py:InvertedIndex"}
    job = Job(cluster, texts(cluster, 5, words=15), app=app)
    await job.start(2)
    files = {name: text.split() for name, text in sorted(texts_of(job).items())}
    found = {word: [name for name in files if word in files[name]] for word in WORDS}
    await job.finish({w: f"{len(names)} {','.join(names)}" for w, names in found.items() if names})


@points(2)
async def test_word_search(cluster: Cluster) -> None:
    """Two workers find the lines that hold a word, with the name of the input and the line's number."""
    word = cluster.random.choice([word for word in WORDS if word != "at"])
    app = {"$load": "mapreduce/apps/word_search.py:WordSearch", "word": word}
    files = {name: text.replace(" at ", "\n") for name, text in texts(cluster, 3).items()}
    job = Job(cluster, files, app=app)
    await job.start(2)
    lines = {
        f"{name}:{number}": line
        for name, text in files.items()
        for number, line in enumerate(text.split("\n"), start=1)
    }
    await job.finish({place: line for place, line in lines.items() if word in line.split()})


@points(2)
async def test_files_have_their_names(cluster: Cluster) -> None:
    """Map task X leaves files mr-X-Y and reduce task Y leaves mr-out-Y, and nothing else begins so."""
    job = Job(cluster, texts(cluster, 3), n_reduce=2)
    await job.start(2, reduce=0.1)
    await job.begun("reduce")
    absent = [x for x in range(3) if not list(job.folder.glob(f"mr-{x}-*"))]
    assert not absent, f"a reduce task began, and there is no file mr-{absent[0]}-Y"
    await job.finish()


@points(3)
@needs_processes
async def test_workers_share_nothing(cluster: Cluster) -> None:
    """What one worker has done in a map task, another one can reduce when the first is dead."""
    job = Job(cluster, texts(cluster, 4))
    await job.start(2, map=0.5, reduce=0.1)
    await job.begun("reduce")
    for worker in list(job.workers):
        await cluster.crash(worker)
    await job.add_worker()
    await job.finish()


def texts_of(job: Job) -> dict[str, str]:
    """The inputs of a job that are text."""
    return {name: text for name, text in job.files.items() if isinstance(text, str)}
