"""Ten seconds: when a task goes to another worker, and what becomes of the one that was slow."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.mapreduce.faults import RENAMING
from autograder.suites.mapreduce.inputs import texts
from autograder.suites.mapreduce.job import Job
from autograder.suites.mapreduce.witness import check_none_twice
from autograder.suites.marks import needs_processes

SOON = 15.0  # seconds after which a task is with another worker: ten, and time to ask for it


@points(4)
@needs_processes
async def test_task_is_reassigned_after_ten_seconds(cluster: Cluster) -> None:
    """A task whose worker died is with another worker within fifteen seconds."""
    job = Job(cluster, texts(cluster, 2))
    await job.start(3, map=0.5, reduce=0.1)
    for kind in ("map", "reduce"):
        lost = await job.begun(kind)
        await cluster.crash(job.worker(lost.node))
        await job.begun_again(lost, within=SOON)
    await job.finish()


@points(4)
async def test_task_is_kept_for_ten_seconds(cluster: Cluster) -> None:
    """A task goes to no other worker before it has taken ten seconds."""
    job = Job(cluster, {"book": "whale"}, n_reduce=1)
    await asyncio.sleep(cluster.random.uniform(0.7, 0.95))
    await job.start(2, map=9.5, reduce=9.5)
    await job.finish()
    check_none_twice(job.runs(), although="it took only 9.5 s")


@points(1)
@needs_processes
async def test_second_worker_has_ten_seconds_too(cluster: Cluster) -> None:
    """A task that went to a second worker is left to it for ten seconds as well."""
    job = Job(cluster, texts(cluster, 1))
    await job.start(1, map=9.5)
    await job.begun("map")
    await cluster.crash(job.workers[0])
    await job.add_worker(map=9.5)
    await job.add_worker(map=9.5)
    await job.finish()
    check_none_twice(job.runs("map")[1:], although="it took only 9.5 s")


@points(3)
@needs_processes
async def test_slow_worker_finishes_late(cluster: Cluster) -> None:
    """A worker that finishes a map task long after it went to another does no harm."""
    job = Job(cluster, texts(cluster, 3))
    await job.start(1, **{"map #3": 13})
    await job.begun("map", 3)
    await job.add_worker(reduce=0.3)
    await job.finish()


@points(2)
@needs_processes
async def test_paused_worker(cluster: Cluster) -> None:
    """A worker that was stopped for twenty seconds goes on as if nothing had happened."""
    job = Job(cluster, texts(cluster, 2))
    await job.start(1, map=0.5)
    await job.begun("map", 2)
    await cluster.pause(job.workers[0])
    other = await job.add_worker(reduce=0.5)
    await job.begun("reduce")
    await cluster.crash(other)
    await asyncio.sleep(max(0, 21 - cluster.now))
    await cluster.resume(job.workers[0])
    await job.finish()


@points(3)
@needs_processes
async def test_output_is_never_torn(cluster: Cluster) -> None:
    """An output is complete from the moment it is there, even if two workers write the same one."""
    job = Job(cluster, texts(cluster, 2), n_reduce=2)
    async with job.watched():
        await job.start(1, reduce=0.1)
        slow = job.workers[0]
        await job.begun("reduce")
        await job.pause_at(slow, RENAMING)
        await job.add_worker(reduce=0.1)
        await job.done()
        await cluster.resume(slow)
        await job.finish()
        await asyncio.sleep(1)
