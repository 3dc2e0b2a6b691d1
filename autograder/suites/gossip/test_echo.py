"""Echo: a node answers every message with itself."""

from __future__ import annotations

from random import Random
from typing import Any

from autograder.cluster import Cluster
from autograder.gossip.client import Client
from autograder.gossip.drive import drive
from autograder.gossip.load import Load
from autograder.gossip.workload import Request
from autograder.gossip.workloads.echo import Echo
from autograder.points import points

NODE = "gossip/echo.py:EchoNode"
PAYLOADS: tuple[Any, ...] = (
    *("", " ", "Zoë 🙂 漢字 \u202e", 'a "quote" \\ and\na line\t\x01', "{}", "null", "x" * 100_000),
    *(None, True, False, 0, -1, 2**53, 0.1),
    *([], {}, [None, [True, [1, [0.5]]]], {"type": "echo", "msg_id": 7, "": {"é": [{}]}}),
)


class Anything(Echo):
    """Clients send whatever JSON can say."""

    def next(self, client: Client, random: Random) -> Request:
        return Request("echo", (random.choice(PAYLOADS),))


@points(1)
async def test_echo(cluster: Cluster) -> None:
    """What a node is told it answers."""
    run = await drive(cluster, Echo(), NODE, Load(rate=20, time_limit=5, calm=0))
    run.must_hold()
    assert run.available() == 1, "a request was not answered"


@points(1)
async def test_echo_of_anything(cluster: Cluster) -> None:
    """Whatever JSON can say is answered unchanged: nested, long, in any script; and by many at once."""
    load = Load(nodes=2, concurrency=20, rate=500, time_limit=1, calm=0)
    run = await drive(cluster, Anything(), NODE, load)
    run.must_hold()
    assert run.available() == 1, "a request was not answered"
