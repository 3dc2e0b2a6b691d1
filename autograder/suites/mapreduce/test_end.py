"""The end of a job: nobody leaves before it, and nobody stays."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.mapreduce.inputs import texts
from autograder.suites.mapreduce.job import Job
from autograder.suites.marks import needs_processes


@points(5)
async def test_nobody_exits_early(cluster: Cluster) -> None:
    """When the first process ends, the coordinator or a worker, the output is complete."""
    job = Job(cluster, texts(cluster, 3))
    slow = cluster.random.choice(job.words())
    await job.start(3, **{"map": 0.2, "map book-1.txt": 4, f"reduce {slow}": 5})
    await cluster.until(lambda: len(job.running()) < 4, 120, "a process ends")
    first = next(m for m in (job.coordinator, *job.workers) if not m.running)
    missing = job.missing()
    assert not missing, f"{first.id} ended at {cluster.now:.1f} s, before {missing[0]} was there"
    job.check()
    await job.finish()


@points(3)
async def test_everybody_ends(cluster: Cluster) -> None:
    """When the job is done, the coordinator ends within 30 s, and every worker soon after."""
    job = Job(cluster, texts(cluster))
    await job.start(2)
    await job.done()
    await job.everybody_ends()


@points(2)
@needs_processes
async def test_everybody_ends_when_some_were_absent(cluster: Cluster) -> None:
    """Dead, stopped or busy workers keep nobody from ending, and end when they are back."""
    job = Job(cluster, texts(cluster, 3))
    await job.start(3, map=25)
    dead, stopped, _ = job.workers
    await job.begun("map", 3)
    await cluster.crash(dead)
    await cluster.pause(stopped)
    await job.add_worker()
    await job.done()
    await job.coordinator_ends()
    await cluster.resume(stopped)
    await job.workers_give_up(since=max(cluster.now, 26))


@points(1)
async def test_everybody_ends_when_messages_are_lost(cluster: Cluster) -> None:
    """Everybody ends although what the coordinator says in the last two seconds is lost."""
    job = Job(cluster, texts(cluster, 3))
    await job.start(3, map=0.5)
    await job.begun("map", 3)
    await cluster.crash(job.workers[0])  # so that the coordinator may have to wait for somebody
    cluster.network.rule(job.lose_last_words(2.0))
    await job.done()
    await job.everybody_ends()


@points(2)
async def test_worker_gives_up_without_coordinator(cluster: Cluster) -> None:
    """A worker that has not reached its coordinator for 60 s has ended, idle or at work."""
    job = Job(cluster, texts(cluster, 1))
    await job.start(2, map=5)
    await asyncio.sleep(2)
    await cluster.crash(job.coordinator)
    await job.add_worker()
    await job.workers_give_up(since=cluster.now + 3)
