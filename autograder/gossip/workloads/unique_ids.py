"""Unique ids: no two requests get the same one."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from autograder.checkers.finding import Judgement
from autograder.checkers.history import History
from autograder.checkers.unique import judge_unique
from autograder.gossip.client import Client
from autograder.gossip.load import Load
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.workload import Request


class GenerateOk(Reply, frozen=True):
    """An id: anything that JSON has, but null."""

    id: Any


GENERATE = Rpc(
    "generate", GenerateOk, '{"type": "generate_ok", "in_reply_to": 1, "id": "n1-1"}', "unique-ids"
)


class UniqueIds:
    """See `Workload`."""

    name = "unique-ids"
    reads: frozenset[str] = frozenset()

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        pass

    def next(self, client: Client, random: Random) -> Request:
        return Request("generate")

    async def perform(self, client: Client, request: Request) -> Any:
        return (await client.ask(GENERATE)).id

    def last(self, client: Client) -> Sequence[Request]:
        return ()

    def judge(self, history: History, quiet: int) -> Judgement:
        return judge_unique(history)
