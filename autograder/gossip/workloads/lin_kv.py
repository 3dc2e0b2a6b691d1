"""A store with compare-and-set that is linearizable at each key."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from autograder.checkers import check
from autograder.checkers.finding import Judgement
from autograder.checkers.history import History
from autograder.checkers.models.cas_store import CasStore
from autograder.gossip.client import Client
from autograder.gossip.load import Load
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.workload import Request

VALUES = 5  # 0 to 4
AT_ONCE = 10  # clients that use the same key
LONG = 60  # operations on a key, after which the next is taken: a search is cheap for so many


class Done(Reply, frozen=True):
    """Nothing but that it was done."""


class ReadOk(Reply, frozen=True):
    """The value of the key."""

    value: int


READ = Rpc("read", ReadOk, '{"type": "read_ok", "in_reply_to": 1, "value": 3}', "lin-kv")
WRITE = Rpc("write", Done, '{"type": "write_ok", "in_reply_to": 2}', "lin-kv")
CAS = Rpc("cas", Done, '{"type": "cas_ok", "in_reply_to": 3}', "lin-kv")


class LinKV:
    """See `Workload`. Half of the operations read; of the others a third write, and two thirds compare."""

    name = "lin-kv"
    reads = frozenset({"read"})

    def __init__(self) -> None:
        self._clients = 0
        self._keys = 0
        # Of each group of clients: its key, and how many operations are left of it.
        self._left: dict[int, list[int]] = {}

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        pass

    def next(self, client: Client, random: Random) -> Request:
        key = self._key(client)
        if random.random() < 0.5:
            return Request("read", (key,))
        new = random.randrange(VALUES)
        if random.random() < 1 / 3:
            return Request("write", (key, new))
        return Request("cas", (key, random.randrange(VALUES), new))

    def _key(self, client: Client) -> int:
        """The key that a client's group uses at the moment."""
        if "group" not in client.state:
            client.state["group"] = self._clients // AT_ONCE
            self._clients += 1
        left = self._left.setdefault(client.state["group"], [0, 0])
        if left[1] == 0:
            left[:] = self._keys, LONG
            self._keys += 1
        left[1] -= 1
        return left[0]

    async def perform(self, client: Client, request: Request) -> Any:
        key, *values = request.args
        if request.name == "read":
            return (await client.ask(READ, key=key)).value
        if request.name == "write":
            await client.ask(WRITE, key=key, value=values[0])
        else:
            await client.ask(CAS, {"from": values[0], "to": values[1]}, key=key)
        return None

    def last(self, client: Client) -> Sequence[Request]:
        return ()

    def judge(self, history: History, quiet: int) -> Judgement:
        return Judgement(check(history, CasStore), {"key-count": self._keys})
