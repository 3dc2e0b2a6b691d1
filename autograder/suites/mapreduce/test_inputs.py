"""Inputs of every kind: what is in them, how many there are, how large they are."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.mapreduce.inputs import (
    any_pairs,
    joined,
    record_lines,
    records_of,
    texts,
    to_json,
)
from autograder.suites.mapreduce.job import Job, make_app

MEMORY = 40 << 20  # bytes that a worker may need beyond what it has when it starts


@points(3)
async def test_any_text(cluster: Cluster) -> None:
    """Keys and values may hold any text: newlines, tabs, backslashes, nothing, all of Unicode."""
    inputs = {f"pairs-{n}": any_pairs(cluster.random) for n in range(3)}
    files = {name: to_json(pairs) for name, pairs in inputs.items()}
    job = Job(cluster, files, app=make_app("pairs.py:Pairs", sort=True))
    await job.start(2)
    await job.finish(joined(sorted(pair for pairs in inputs.values() for pair in pairs)))


@points(1)
async def test_values_stand_in_the_order_of_the_inputs(cluster: Cluster) -> None:
    """A reduce gets the values of its key in the order of the inputs, of which there are twelve."""
    inputs = [[("key", str(cluster.random.random()))] for _ in range(12)]
    files = {f"input-{12 - n}": to_json(pairs) for n, pairs in enumerate(inputs)}
    job = Job(cluster, files, n_reduce=1, app=make_app("pairs.py:Pairs", sort=False))
    await job.start(2)
    await job.finish(joined(pair for pairs in inputs for pair in pairs))


@points(2)
async def test_inputs_as_they_are(cluster: Cluster) -> None:
    """A map gets the name of its input as the job was given it, and its contents unchanged."""
    odd = b"\xef\xbb\xbfone\r\ntwo\rthree\x00\xff\xc3" + cluster.random.randbytes(9)
    absolute = str(cluster.folder / "elsewhere" / "book")
    files = {"a book.txt": odd, "a folder/b\u00fcch\u0303er.txt": odd * 2, absolute: odd * 3}
    job = Job(cluster, files, app=make_app("contents.py:Contents"), folder="job")
    await job.start(2)
    await job.finish({name: text.decode(errors="replace") for name, text in files.items()})


@points(2)
async def test_empty_inputs(cluster: Cluster) -> None:
    """A job whose inputs are empty, or that has no inputs at all, has its outputs, which are empty."""
    for files in ({"one": "", "two": "", "three": ""}, {}):
        job = Job(cluster, files, n_reduce=2, folder=f"job-{len(files)}")
        await job.start(1)
        await job.finish({})


@points(1)
async def test_one_input(cluster: Cluster) -> None:
    """A job with a single input and a single reduce task is done, although some workers have nothing."""
    job = Job(cluster, texts(cluster, 1), n_reduce=1)
    await job.start(2)
    await job.finish()


@points(1)
async def test_more_reduces_than_keys(cluster: Cluster) -> None:
    """Every reduce task leaves an output, even if no key belongs to it."""
    job = Job(cluster, {"one": "sea whale sea", "two": "whale"}, n_reduce=7)
    await job.start(2)
    await job.finish()


@points(2)
async def test_large_input_in_bounded_memory(cluster: Cluster) -> None:
    """An input of 4 MB is done, and no worker needs more than 40 MB for it."""
    text = record_lines(cluster.random)
    job = Job(cluster, {"large": text}, n_reduce=10)
    job.app = make_app("records.py:Records", nonce=job.nonce)
    await job.start(1)
    await job.finish(records_of(text))
    needed = job.memory(job.workers[0]) if cluster.host.name == "process" else 0
    assert needed <= MEMORY, f"a worker needed {needed / 1e6:.0f} MB of memory"
