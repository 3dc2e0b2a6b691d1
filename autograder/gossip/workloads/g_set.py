"""A set that only grows: what was added at one node, every node has after a while."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from autograder.checkers.finding import Judgement
from autograder.checkers.history import History
from autograder.checkers.sets import judge_set
from autograder.gossip.client import Client
from autograder.gossip.load import Load
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.workload import Request


class Done(Reply, frozen=True):
    """Nothing but that it was done."""


class ReadOk(Reply, frozen=True):
    """The elements."""

    value: list[int]


ADD = Rpc("add", Done, '{"type": "add_ok", "in_reply_to": 1}', "g-set")
READ = Rpc("read", ReadOk, '{"type": "read_ok", "in_reply_to": 2, "value": [1, 8]}', "g-set")


class GSet:
    """See `Workload`. Elements are the integers from 0, each added at one node."""

    name = "g-set"
    reads = frozenset({"read"})

    def __init__(self) -> None:
        self._added = 0

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        pass

    def next(self, client: Client, random: Random) -> Request:
        if random.random() < 0.5:
            return Request("read")
        self._added += 1
        return Request("add", (self._added - 1,))

    async def perform(self, client: Client, request: Request) -> Any:
        if request.name == "read":
            return (await client.ask(READ)).value
        await client.ask(ADD, element=request.args[0])
        return None

    def last(self, client: Client) -> Sequence[Request]:
        return (Request("read"),)

    def judge(self, history: History, quiet: int) -> Judgement:
        return judge_set(history, quiet)
