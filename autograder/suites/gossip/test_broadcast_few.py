"""Broadcast with few messages: 25 nodes, whose messages to each other take 100 ms."""

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
    lose_the_busiest,
    must_be_cheap,
    must_hold_among_survivors,
    pause_each,
    put,
    under,
)

NODE = "gossip/broadcast_few.py:FewBroadcast"
FEWER = Load(nodes=5, rate=30, time_limit=9.5, timeout=0.5, latency=0.1)


@points(4)
async def test_broadcast_with_few_messages(cluster: Cluster) -> None:
    """At most 20 messages an operation; all is everywhere within 2 s, half of it within 1 s."""
    load = Load(nodes=25, rate=100, time_limit=3, latency=0.1, calm=2.2)
    run = await put(cluster, NODE, load)
    must_be_cheap(run, messages=20, median=1000, longest=2000)


@points(2)
async def test_broadcast_with_fewest_messages(cluster: Cluster) -> None:
    """At most 4 messages an operation; all is everywhere within 1.5 s, half of it within 0.9 s."""
    load = Load(nodes=25, rate=100, time_limit=3, latency=0.1, calm=2.2)
    run = await put(cluster, NODE, load)
    must_be_cheap(run, messages=4, median=900, longest=1500)


@points(2)
async def test_few_messages_through_cuts(cluster: Cluster) -> None:
    """What is lost on the way, because nodes are cut off or by chance, comes later."""
    lossy, what = among_servers(rules.lose(0.1)), "a tenth between servers is lost"
    plan = under(lossy, what, FEWER, cut_each_off, cut_each_one_way)
    run = await put(cluster, NODE, FEWER, plan)
    run.must_hold()


@points(2)
async def test_few_messages_when_nodes_crash(cluster: Cluster) -> None:
    """Nodes that stood still, lost power or were killed know at the end what was acknowledged."""
    run = await put(cluster, NODE, FEWER, pause_each, lose_power_when_acknowledged, crash_each)
    run.must_hold()


@points(2)
async def test_few_messages_without_the_busiest_node(cluster: Cluster) -> None:
    """If the node that the others talk to most dies for good, these still learn what each is told."""
    load = Load(nodes=6, rate=40, time_limit=4, timeout=0.5, latency=0.1)
    run = await put(cluster, NODE, load, lose_the_busiest)
    must_hold_among_survivors(run)
