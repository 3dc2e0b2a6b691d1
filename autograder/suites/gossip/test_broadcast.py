"""Broadcast: what one node was told, every node knows after a while, whatever happens in between."""

from __future__ import annotations

import asyncio

from autograder.cluster import Cluster, rules
from autograder.gossip.load import Load
from autograder.points import points
from autograder.suites.gossip.broadcasts import (
    among_servers,
    crash_each,
    cut_each_off,
    cut_each_one_way,
    lose_power_in_writes,
    lose_power_when_acknowledged,
    others,
    pause_each,
    put,
    sent_since,
    under,
)

NODE = "gossip/broadcast.py:BroadcastNode"
BUSIEST = 20  # messages a second by a node that nobody tells anything
QUIET = 4.0  # seconds that are looked at
HEALED = 10.0  # seconds within which a network that is whole again has made up for what it missed


@points(2)
async def test_broadcast_on_one_node(cluster: Cluster) -> None:
    """A node that was told messages gives all of them back, each once."""
    run = await put(cluster, NODE, Load(rate=50, time_limit=4, calm=1))
    run.must_hold()


@points(3)
async def test_broadcast_reaches_every_node(cluster: Cluster) -> None:
    """What one node was told every node knows, even if each has two neighbours at most."""
    load = Load(nodes=5, rate=20, time_limit=4, topology="line", latency=0.02, calm=HEALED)
    run = await put(cluster, NODE, load)
    run.must_hold()


@points(3)
async def test_broadcast_through_cuts(cluster: Cluster) -> None:
    """Nodes that were cut off, both ways or one, get what they have missed, and tell what they know."""
    load = Load(nodes=5, rate=20, time_limit=9, timeout=1, calm=HEALED)
    run = await put(cluster, NODE, load, cut_each_off, cut_each_one_way)
    run.must_hold()


@points(2)
async def test_broadcast_after_a_long_partition(cluster: Cluster) -> None:
    """Ten seconds after a partition of twenty seconds ended, every node knows what either side was told."""

    async def split(cluster: Cluster) -> None:
        with cluster.network.partition(["n1", "n2"], ["n3", "n4", "n5"]):
            await asyncio.sleep(20)

    load = Load(nodes=5, rate=5, time_limit=20.4, timeout=1, latency=0.1, calm=HEALED)
    run = await put(cluster, NODE, load, split)
    run.must_hold()


@points(2)
async def test_broadcast_on_a_poor_network(cluster: Cluster) -> None:
    """Messages that are lost, late or doubled, and nodes that stand still, change nothing at the end."""
    poor = among_servers(rules.chain(rules.lose(0.3), rules.duplicate(0.3, 0.5)))
    load = Load(nodes=5, rate=20, time_limit=4, latency=0.05, latency_dist="exponential")
    what = "between servers, much is lost and doubled"
    run = await put(cluster, NODE, load, under(poor, what, load, pause_each))
    run.must_hold()


@points(2)
async def test_broadcast_when_nodes_crash(cluster: Cluster) -> None:
    """Nodes that crash and come back know at the end what was acknowledged, by whichever node."""
    load = Load(nodes=5, rate=20, time_limit=4.5, timeout=0.5, latency=0.05, calm=HEALED)
    run = await put(cluster, NODE, load, crash_each)
    run.must_hold()


@points(3)
async def test_broadcast_keeps_what_it_acknowledged(cluster: Cluster) -> None:
    """A message is not lost if its node loses power at the moment when it has acknowledged it."""
    load = Load(nodes=5, rate=40, time_limit=5, timeout=0.5, calm=HEALED)
    run = await put(cluster, NODE, load, lose_power_when_acknowledged)
    run.must_hold()


@points(1)
async def test_broadcast_with_torn_writes(cluster: Cluster) -> None:
    """A node that loses power while it writes starts again, and tells nothing that it was not told."""
    load = Load(nodes=3, rate=60, time_limit=3, timeout=0.5, calm=HEALED)
    run = await put(cluster, NODE, load, lose_power_in_writes)
    run.must_hold()


@points(2)
async def test_broadcast_makes_no_storm(cluster: Cluster) -> None:
    """While a node cannot be reached, and when all know all, no node sends twenty messages a second."""

    async def cut_off(cluster: Cluster) -> None:
        with cluster.network.partition(["n5"], others(cluster, "n5")):
            await asyncio.sleep(6)
            must_be_quiet(cluster, "n5 cannot be reached")

    load = Load(nodes=5, rate=20, time_limit=1, topology="total", timeout=1, calm=HEALED)
    run = await put(cluster, NODE, load, cut_off)
    must_be_quiet(cluster, "every node knows everything")
    run.must_hold()


def must_be_quiet(cluster: Cluster, why: str) -> None:
    """Raise if nodes have sent each other much in the last seconds, when nobody told them anything."""
    rate = sent_since(cluster, cluster.now - QUIET) / QUIET / len(cluster.members)
    assert rate <= BUSIEST, (
        f"while {why} and nobody tells anything new, each node sends {rate:.0f} messages a second"
    )
