"""Echo: a node answers what it was told."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from autograder.checkers.finding import Finding, Judgement
from autograder.checkers.history import History, short
from autograder.checkers.sets import key_of, succeeded
from autograder.gossip.client import Client
from autograder.gossip.load import Load
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.workload import Request
from autograder.verdict import Verdict


class EchoOk(Reply, frozen=True):
    """What the node was told."""

    echo: Any


ECHO = Rpc("echo", EchoOk, '{"type": "echo_ok", "in_reply_to": 1, "echo": "..."}', "echo")


class Echo:
    """See `Workload`."""

    name = "echo"
    reads = frozenset({"echo"})

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        pass

    def next(self, client: Client, random: Random) -> Request:
        return Request("echo", (f"Please echo {random.randrange(128)}",))

    async def perform(self, client: Client, request: Request) -> Any:
        return (await client.ask(ECHO, echo=request.args[0])).echo

    def last(self, client: Client) -> Sequence[Request]:
        return ()

    def judge(self, history: History, quiet: int) -> Judgement:
        for each in history:
            if succeeded(each) and key_of(each.result) != key_of(each.args[0]):
                sentence = (
                    f"{each.node} was told {short(each.args[0])} and echoed {short(each.result)}"
                )
                return Judgement(Finding(Verdict.FAIL, sentence, (each,)))
        return Judgement(Finding(Verdict.PASS))
