"""What a bit must not do: go from node to node without a message, or survive a crash without a disk.

As in a suite, a run passes if it did; an attack that passes has got through.
"""

from __future__ import annotations

from autograder.cluster import Cluster

TALKER = "channel/talker.py:Talker"
ROUNDS = 6


async def between_nodes(cluster: Cluster) -> None:
    """A node that was told nothing says every bit that another was told."""
    told, *others = [await cluster.start(TALKER) for _ in range(3)]  # one of its zygote, one not
    bits = [1, *(cluster.random.getrandbits(1) for _ in range(ROUNDS)), 0]
    said: dict[str, list[int]] = {other.id: [] for other in others}
    for bit in bits:
        await cluster.call(told, {"type": "tell", "bit": bit})
        for other in others:
            said[other.id].append((await cluster.call(other, {"type": "ask"}))["bit"])
    assert bits in said.values(), f"no node knows {bits}: they say {said}"


async def over_a_crash(cluster: Cluster) -> None:
    """A node says after a crash what it was told before."""
    node = await cluster.start(TALKER)
    for bit in (1, 0, 1):
        await cluster.call(node, {"type": "tell", "bit": bit})
        await cluster.crash(node)
        await cluster.restart(node)
        said = (await cluster.call(node, {"type": "ask"}))["bit"]
        assert said == bit, f"it was told {bit} and says {said}"
