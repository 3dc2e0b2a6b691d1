"""Broadcast that is fast: 25 nodes, whose messages to each other take 100 ms."""

from __future__ import annotations

from autograder.cluster import Cluster, rules
from autograder.gossip.load import Load
from autograder.points import points
from autograder.suites.gossip.broadcasts import (
    among_servers,
    crash_each,
    cut_each_off,
    cut_each_one_way,
    lose_power_when_acknowledged,
    must_be_cheap,
    put,
    under,
)

NODE = "gossip/broadcast_fast.py:FastBroadcast"
FEWER = Load(nodes=5, rate=30, time_limit=9, timeout=0.5, latency=0.1)


@points(5)
async def test_fast_broadcast(cluster: Cluster) -> None:
    """Messages are everywhere within 600 ms, half of them within 450, for at most 30 an operation."""
    load = Load(nodes=25, rate=100, time_limit=2, latency=0.1, calm=1.5)
    run = await put(cluster, NODE, load)
    must_be_cheap(run, messages=30, median=450, longest=600)


@points(2)
async def test_fastest_broadcast(cluster: Cluster) -> None:
    """Of ten nodes each knows a message within 250 ms, half of them within 200, for six an operation."""
    load = Load(nodes=10, rate=100, time_limit=2.5, latency=0.1, calm=1.5)
    run = await put(cluster, NODE, load)
    must_be_cheap(run, messages=6, median=200, longest=250)


@points(2)
async def test_fast_broadcast_through_cuts(cluster: Cluster) -> None:
    """What is lost on the way, because nodes are cut off or by chance, comes later."""
    lossy, what = among_servers(rules.lose(0.1)), "a tenth between servers is lost"
    plan = under(lossy, what, FEWER, cut_each_off, cut_each_one_way)
    run = await put(cluster, NODE, FEWER, plan)
    run.must_hold()


@points(3)
async def test_fast_broadcast_when_nodes_crash(cluster: Cluster) -> None:
    """Nodes that lost power or were killed know at the end what was acknowledged."""
    run = await put(cluster, NODE, FEWER, lose_power_when_acknowledged, crash_each)
    run.must_hold()
