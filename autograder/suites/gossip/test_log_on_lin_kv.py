"""A log on two nodes that keep everything in `lin-kv`: whichever is asked, it is one log."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.gossip.load import Load
from autograder.points import points
from autograder.suites.gossip.logs import (
    commit_at_once,
    commit_here_and_there,
    crash_each,
    cut_each_off,
    lose_power_at,
    must_answer,
    must_be_cheap,
    must_go_on,
    put,
    start,
    suffer_a_poor_network,
)

NODE = "gossip/log_on_lin_kv.py:LogOnLinKV"
MESSAGES = 12.0  # for each operation, at most


@points(1)
async def test_lin_kv_log_on_two_nodes(cluster: Cluster) -> None:
    """Two nodes that take messages of the same keys give no offset twice, and both give all of them."""
    run = await put(
        cluster, NODE, Load(nodes=2, concurrency=8, rate=300, time_limit=1.5, calm=5), keys=3
    )
    run.must_hold()
    must_answer(run)


@points(1)
async def test_lin_kv_log_committed_offsets(cluster: Cluster) -> None:
    """What was committed at one node is given by the other, too, and never goes back."""
    script = await start(cluster, NODE, nodes=2)
    await commit_here_and_there(script)
    await commit_at_once(script)
    script.run.must_hold()


@points(1)
async def test_lin_kv_log_on_a_poor_network(cluster: Cluster) -> None:
    """A message whose way into the store met losses, delays and doubles is there once, or not at all."""
    load = Load(nodes=2, concurrency=8, rate=150, time_limit=4, timeout=2)
    run = await put(cluster, NODE, load, suffer_a_poor_network, keys=3)
    run.must_hold()


@points(1)
async def test_lin_kv_log_through_cuts(cluster: Cluster) -> None:
    """A node that cannot reach the store acknowledges nothing that is lost, and goes on once it can."""
    load = Load(nodes=2, concurrency=8, rate=150, time_limit=4, timeout=1)
    run = await put(cluster, NODE, load, cut_each_off, keys=3)
    run.must_hold()
    await must_go_on(run)


@points(1)
async def test_lin_kv_log_when_nodes_crash(cluster: Cluster) -> None:
    """A node that crashes, even in the middle of a send, loses nothing, and blocks nobody."""
    plans = [
        lose_power_at("cas"),
        lose_power_at("write"),
        crash_each,
        lose_power_at("commit_offsets_ok"),
    ]
    load = Load(nodes=2, concurrency=6, rate=120, time_limit=5, timeout=0.5)
    run = await put(cluster, NODE, load, *plans, keys=3)
    run.must_hold()
    await must_go_on(run)


@points(1)
async def test_lin_kv_log_takes_few_messages(cluster: Cluster) -> None:
    """An operation takes at most twelve messages in the mean, between nodes and services."""
    run = await put(cluster, NODE, Load(nodes=2, concurrency=4, rate=1000, time_limit=1, calm=3))
    must_be_cheap(run, MESSAGES)
