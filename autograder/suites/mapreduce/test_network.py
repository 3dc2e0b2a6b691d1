"""A network that loses, duplicates, delays and reorders messages."""

from __future__ import annotations

from autograder.cluster import Cluster, rules
from autograder.points import points
from autograder.suites.mapreduce.inputs import many_words, texts
from autograder.suites.mapreduce.job import Job

LONG = 240.0  # seconds that a job may take if every lost message may cost ten


@points(4)
async def test_unreliable_network(cluster: Cluster) -> None:
    """The job is done although a tenth of all messages is lost, and the others come late."""
    cluster.network.unreliable()
    job = Job(cluster, texts(cluster, 8), n_reduce=8)
    await job.start(2, map=0.5)
    await job.finish(within=LONG)


@points(2)
async def test_duplicated_messages(cluster: Cluster) -> None:
    """The job is done although every message comes a second time, up to 0.3 s later."""
    cluster.network.rule(
        lambda message, random: (0.0, random.uniform(0.1, 0.3)),
        what="every message comes a second time, 100 to 300 ms later",
    )
    job = Job(cluster, many_words(cluster, 60, files=4), n_reduce=10)
    await job.start(3, map=1, reduce=0.1)
    await job.finish(within=LONG)


@points(2)
async def test_late_replies(cluster: Cluster) -> None:
    """The job is done although most replies are so late that they come after others."""
    cluster.network.rule(rules.delay(0, 0.1))
    cluster.network.long_reordering()
    job = Job(cluster, texts(cluster))
    await job.start(2, map=0.5)
    await job.finish(within=LONG)
