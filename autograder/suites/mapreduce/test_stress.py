"""Many faults at once."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster, rules
from autograder.points import points
from autograder.suites.mapreduce.faults import ByChance
from autograder.suites.mapreduce.inputs import few_words
from autograder.suites.mapreduce.job import Job
from autograder.suites.marks import needs_processes

WILD = 10.0  # seconds that every third call takes up to


@points(4)
@needs_processes
async def test_workers_crash(cluster: Cluster) -> None:
    """The job is done although workers are killed at any moment and many tasks are slow."""
    job = Job(cluster, few_words(cluster))
    await job.start(3, wild=WILD)
    await job.haunt(20, workers=3, wild=WILD)
    await job.finish(within=90)
    await job.everybody_ends(busy=2 * WILD)


@points(3)
@needs_processes
async def test_everything_at_once(cluster: Cluster) -> None:
    """The job is done although messages are lost and doubled while workers are killed and stopped."""
    chance = ByChance(cluster.random, 0.1)
    cluster.on_file(chance)
    cluster.network.unreliable()
    cluster.network.rule(rules.duplicate(0.2, within=3))
    job = Job(cluster, few_words(cluster))
    async with job.watched():
        await job.start(2, wild=2)
        for _ in range(5):
            await asyncio.sleep(cluster.random.uniform(0.1, 2))
            async with job.stopped(cluster.random.choice(job.workers)):
                await asyncio.sleep(cluster.random.uniform(0.1, 2))
            await job.fill_up(2, wild=2)
        chance.probability = 0
        await job.fill_up(2)
        await job.finish(within=240)
