"""What both workloads of transactions share: what is asked, and how it is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import Any

from autograder.checkers.finding import Judgement
from autograder.checkers.history import History
from autograder.checkers.transactions import LEVELS, judge_transactions
from autograder.gossip.client import Client
from autograder.gossip.load import Load
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.workload import Request
from autograder.verdict import Verdict

DEFAULT_MODEL = "strict-serializable"


class Keys:
    """Keys in use, of which each is asked for twice as often as the one before, and values to write.

    A key that was written `most` times makes room for a new one. No value is written twice.
    """

    def __init__(self, number: int, most: int) -> None:
        self.used = list(range(number))
        self._active = list(range(number))
        self._left = dict.fromkeys(self._active, most)
        self._most = most
        self._values = 0

    def draw(self, random: Random) -> int:
        """A key to read or to write."""
        return self._active[int(math.log2(random.uniform(1, 2 ** len(self._active) - 1)))]

    def value(self, key: int) -> int:
        """A value to write to a key, which has been drawn."""
        self._values += 1
        self._left[key] -= 1
        if self._left[key] == 0:
            self.used.append(len(self.used))
            self._active[self._active.index(key)] = self.used[-1]
            self._left[self.used[-1]] = self._most
        return self._values


class Transactions:
    """See `Workload`. Transactions of up to `length` operations; `verb` is the one that writes.

    They must keep `model`, or each of several with commas between. With `converging`, the nodes promise
    to agree once the network is whole and has been quiet: at the end every client reads every key.
    """

    name = ""
    reads: frozenset[str] = frozenset()
    verb = ""
    rpc: Rpc[Any]

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        keys: int = 10,
        length: int = 4,
        writes: int = 16,
        converging: bool = False,
    ) -> None:
        self.models = model.split(",")
        if unknown := [name for name in self.models if name not in LEVELS]:
            known = ", ".join(LEVELS)
            raise ValueError(f"{unknown[0]!r} is no consistency model: choose of {known}")
        self.length = length
        self.converging = converging
        self._keys = Keys(keys, writes)

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        pass

    def next(self, client: Client, random: Random) -> Request:
        return Request(
            "txn", tuple(self._micro(random) for _ in range(random.randint(1, self.length)))
        )

    def _micro(self, random: Random) -> tuple[str, int, int | None]:
        """A read or a write."""
        key = self._keys.draw(random)
        return (
            ("r", key, None) if random.random() < 0.5 else (self.verb, key, self._keys.value(key))
        )

    async def perform(self, client: Client, request: Request) -> Any:
        return (await client.ask(self.rpc, txn=request.args)).txn

    def last(self, client: Client) -> Sequence[Request]:
        if not self.converging:
            return ()
        reads = [("r", key, None) for key in self._keys.used]
        parts = [reads[at : at + self.length] for at in range(0, len(reads), self.length)]
        return [Request("txn", tuple(part)) for part in parts]

    def judge(self, history: History, quiet: int) -> Judgement:
        end = quiet if self.converging else None
        found = [
            judge_transactions(history, each, self.verb == "append", end) for each in self.models
        ]
        return next((each for each in found if each.finding.verdict is Verdict.FAIL), found[-1])


def rpc(reply: type[Reply], example: str, section: str) -> Rpc[Any]:
    """The request `txn`, with the reply that it must get."""
    return Rpc("txn", reply, f'{{"type": "txn_ok", "in_reply_to": 1, "txn": {example}}}', section)
