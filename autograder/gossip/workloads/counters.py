"""Counters: g-counter, which only grows, and pn-counter, which also goes down."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from autograder.checkers.final_counter import judge_counter
from autograder.checkers.finding import Judgement
from autograder.checkers.history import History
from autograder.gossip.client import Client
from autograder.gossip.load import Load
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.workload import Request

MOST = 4  # that is added at once
LEAST = -5


class Done(Reply, frozen=True):
    """Nothing but that it was done."""


class ReadOk(Reply, frozen=True):
    """The value of the counter."""

    value: int


ADD = Rpc("add", Done, '{"type": "add_ok", "in_reply_to": 1}', "counters")
READ = Rpc("read", ReadOk, '{"type": "read_ok", "in_reply_to": 2, "value": 17}', "counters")


class Counter:
    """See `Workload`. Half of the operations add a number from `least` to 4."""

    name = ""
    reads = frozenset({"read"})
    least = 0

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        pass

    def next(self, client: Client, random: Random) -> Request:
        if random.random() < 0.5:
            return Request("read")
        return Request("add", (random.randint(self.least, MOST),))

    async def perform(self, client: Client, request: Request) -> Any:
        if request.name == "read":
            return (await client.ask(READ)).value
        await client.ask(ADD, delta=request.args[0])
        return None

    def last(self, client: Client) -> Sequence[Request]:
        return (Request("read"),)

    def judge(self, history: History, quiet: int) -> Judgement:
        return judge_counter(history, quiet)


class GCounter(Counter):
    """Only grows."""

    name = "g-counter"


class PNCounter(Counter):
    """Goes up and down."""

    name = "pn-counter"
    least = LEAST
