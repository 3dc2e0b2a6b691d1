"""A log on one node: every message has its offset, also after a crash."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.gossip.load import Load
from autograder.points import points
from autograder.suites.gossip.logs import (
    commit_at_once,
    commit_here_and_there,
    crash_each,
    lose_power_at,
    must_answer,
    put,
    start,
)

NODE = "gossip/log.py:LogNode"


@points(1)
async def test_log_under_load(cluster: Cluster) -> None:
    """Every message has an offset of its own, and who polls gets all of them in order, each once."""
    run = await put(cluster, NODE, Load(concurrency=4, rate=400, time_limit=1.5, calm=3))
    run.must_hold()
    must_answer(run)


@points(1)
async def test_log_committed_offsets(cluster: Cluster) -> None:
    """A committed offset is given to whoever asks, and does not go back if a lower one is committed."""
    script = await start(cluster, NODE)
    await commit_here_and_there(script)
    await commit_at_once(script)
    script.run.must_hold()


@points(1)
async def test_log_after_crashes(cluster: Cluster) -> None:
    """What was acknowledged before a crash is there afterwards, and no offset is given again."""
    plans = [crash_each, lose_power_at("send_ok"), lose_power_at("commit_offsets_ok")] * 2
    load = Load(concurrency=4, rate=200, time_limit=4.5, timeout=0.5, calm=10)
    run = await put(cluster, NODE, load, *plans)
    run.must_hold()
