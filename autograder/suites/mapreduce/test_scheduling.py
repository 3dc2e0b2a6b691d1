"""Who does what, and when."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.points import points
from autograder.suites.mapreduce.inputs import many_words, texts
from autograder.suites.mapreduce.job import Job
from autograder.suites.mapreduce.witness import check_none_twice, first_end, most_at_once


@points(4)
async def test_maps_run_in_parallel(cluster: Cluster) -> None:
    """Three workers do three map tasks at the same time."""
    job = Job(cluster, texts(cluster, 3), n_reduce=2)
    await job.start(3, map=4)
    await job.finish()
    at_once = most_at_once(job.runs("map"))
    assert at_once == 3, f"at no time were more than {at_once} of 3 workers doing a map task"


@points(4)
async def test_reduces_run_in_parallel(cluster: Cluster) -> None:
    """Three workers do three reduce tasks at the same time."""
    job = Job(cluster, many_words(cluster, 120), n_reduce=3)
    await job.start(3, reduce=0.1)
    await job.finish()
    at_once = most_at_once(job.runs("reduce"))
    assert at_once == 3, f"at no time were more than {at_once} of 3 workers doing a reduce task"


@points(4)
async def test_each_task_runs_once(cluster: Cluster) -> None:
    """No task runs twice as long as nobody fails and no task takes ten seconds."""
    job = Job(cluster, texts(cluster, 6))
    await job.start(3, map=2.5, reduce=0.01)
    await job.finish()
    check_none_twice(job.runs(), although="nobody failed and nobody was slow")
    assert len(job.runs("map")) == 6, "an input was not mapped by the function that was given"


@points(3)
async def test_reduces_wait_for_all_maps(cluster: Cluster) -> None:
    """No reduce task begins before all map tasks are done."""
    job = Job(cluster, texts(cluster, 4))
    slow = cluster.random.choice(list(job.files))
    await job.start(2, **{"map": 0.5, f"map {slow}": 5, "reduce": 0.1})
    await job.finish()
    last = max((first_end(job.runs("map"), name), name) for name in job.files)
    first = job.runs("reduce")[0]
    assert first.begin > last[0], f"{first} began before the map of {last[1]} was done"


@points(2)
async def test_late_worker_gets_work(cluster: Cluster) -> None:
    """A worker that joins while the job is running gets its share of what is left."""
    job = Job(cluster, many_words(cluster, 60, files=4), n_reduce=4)
    await job.start(1, map=2, reduce=0.1)
    for kind in ("map", "reduce"):
        await job.begun(kind)
        worker = await job.add_worker(map=2, reduce=0.1)
        run = await job.begun_on(worker)
        assert run.kind == kind, f"{worker.id} joined during the {kind} tasks, and got none of them"
    await job.finish()
