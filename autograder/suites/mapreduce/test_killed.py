"""Workers that are killed, at every stage of a task."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.cluster.files import tear
from autograder.points import points
from autograder.suites.mapreduce.faults import RENAMING, WRITING
from autograder.suites.mapreduce.inputs import texts
from autograder.suites.mapreduce.job import Job
from autograder.suites.marks import needs_processes


@points(2)
@needs_processes
async def test_killed_before_writing(cluster: Cluster) -> None:
    """A task is done although a worker is killed before it has it, while it reads, or computes."""
    job = Job(cluster, texts(cluster, 3))
    await job.start(1)
    await job.kill_before_hearing(job.workers[0])
    await job.kill(await job.add_worker(map=0.2), WRITING)
    await job.add_worker(map=0.2)
    await job.begun("map", 3)
    await cluster.crash(job.workers[-1])
    await job.add_worker(reduce=0.2)
    await job.begun("reduce", 2)
    await cluster.crash(job.workers[-1])
    await job.add_worker()
    await job.finish()


@points(3)
@needs_processes
async def test_killed_while_writing(cluster: Cluster) -> None:
    """What a worker had written half when it was killed is never taken for a whole file."""
    job = Job(cluster, texts(cluster, 2), n_reduce=2)
    size, nth = cluster.random.randint(1, 8), cluster.random.randint(1, 2)
    async with job.watched():
        await job.start(1, map=0.2)
        await job.kill(job.workers[0], WRITING, nth, tear(size))
        worker = await job.add_worker(reduce=0.2)
        await job.begun("reduce")
        await job.kill(worker, WRITING, leave=tear(size))
        await job.add_worker(reduce=0.2)
        await job.finish()


@points(2)
@needs_processes
async def test_killed_while_writing_late(cluster: Cluster) -> None:
    """A worker that is killed while it writes what another has done already spoils nothing."""
    job = Job(cluster, texts(cluster, 3))
    await job.start(1, map=0.2)
    late = job.workers[0]
    await job.begun("map", 3)
    await cluster.pause(late)
    await job.add_worker(reduce=0.3)
    await job.begun("reduce")
    await cluster.resume(late)
    await job.kill(late, WRITING, nth=2, leave=tear(cluster.random.randint(1, 8)))
    await job.finish()


@points(2)
@needs_processes
async def test_killed_before_renaming(cluster: Cluster) -> None:
    """A task is done again if its worker was killed when a file was written but not in its place."""
    job = Job(cluster, texts(cluster, 2), n_reduce=2)
    await job.start(1, map=0.2)
    await job.kill(job.workers[0], RENAMING, nth=cluster.random.randint(1, 2))
    worker = await job.add_worker(reduce=0.2)
    await job.begun("reduce")
    await job.kill(worker, RENAMING)
    await job.add_worker()
    await job.finish()


@points(2)
@needs_processes
async def test_killed_before_reporting(cluster: Cluster) -> None:
    """A task whose files are in place, and whose worker was killed before it said so, is done again."""
    job = Job(cluster, texts(cluster, 2), n_reduce=2)
    async with job.watched():
        await job.start(1, map=0.2)
        await job.kill_before_reporting(job.workers[0], "map")
        worker = await job.add_worker()
        await job.kill_before_reporting(worker, "reduce")
        await job.add_worker()
        await job.finish()


@points(1)
@needs_processes
async def test_killed_while_idle(cluster: Cluster) -> None:
    """A worker that has nothing to do when it is killed is not missed."""
    job = Job(cluster, texts(cluster, 1))
    await job.start(2, map=3)
    await asyncio.sleep(1)
    busy = (await job.begun("map")).node
    await cluster.crash(next(worker for worker in job.workers if worker.id != busy))
    await job.finish()
