"""Broadcast: what one node was told, every node knows after a while."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

from autograder.checkers.finding import Judgement
from autograder.checkers.history import History
from autograder.checkers.sets import judge_set
from autograder.gossip.client import Client
from autograder.gossip.load import Load
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.topology import TOPOLOGIES
from autograder.gossip.workload import Request


class Done(Reply, frozen=True):
    """Nothing but that it was done."""


class ReadOk(Reply, frozen=True):
    """The messages that the node knows."""

    messages: list[int]


TOPOLOGY = Rpc("topology", Done, '{"type": "topology_ok", "in_reply_to": 1}', "broadcast")
BROADCAST = Rpc("broadcast", Done, '{"type": "broadcast_ok", "in_reply_to": 2}', "broadcast")
READ = Rpc("read", ReadOk, '{"type": "read_ok", "in_reply_to": 3, "messages": [1, 8]}', "broadcast")


class Broadcast:
    """See `Workload`. Messages are the integers from 0, each told to one node."""

    name = "broadcast"
    reads = frozenset({"read"})

    def __init__(self) -> None:
        self._told = 0

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        topology = TOPOLOGIES[load.topology]([client.node for client in clients])
        await asyncio.gather(*(client.ask(TOPOLOGY, topology=topology) for client in clients))

    def next(self, client: Client, random: Random) -> Request:
        if random.random() < 0.5:
            return Request("read")
        self._told += 1
        return Request("broadcast", (self._told - 1,))

    async def perform(self, client: Client, request: Request) -> Any:
        if request.name == "read":
            return (await client.ask(READ)).messages
        await client.ask(BROADCAST, message=request.args[0])
        return None

    def last(self, client: Client) -> Sequence[Request]:
        return (Request("read"),)

    def judge(self, history: History, quiet: int) -> Judgement:
        return judge_set(history, quiet, add="broadcast", what="message")
