"""Whole jobs, without faults."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.mapreduce.job import END_LIMIT, Job, count_words, outputs, texts

WORD_COUNT = {"$load": "mapreduce/apps/word_count.py:WordCount"}


@points(10)
async def test_word_count(cluster: Cluster) -> None:
    """Three workers count the words of eight files, and every process ends."""
    job = Job(cluster, texts(cluster))
    await job.start(3, WORD_COUNT)
    await cluster.ended(job.coordinator, 60)
    for worker in job.workers:
        await cluster.ended(worker, END_LIMIT)
    found = {}
    for path in outputs(cluster):
        for line in path.read_text().splitlines():
            key, value = line.split("\t")
            found[key] = int(value)
    assert found == dict(count_words(job.files)), "the counts differ"
