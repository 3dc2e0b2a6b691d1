"""Kafka: logs of messages under offsets, and what consumers have committed of them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Annotated, Any

from msgspec import Meta

from autograder.checkers.finding import Judgement
from autograder.checkers.history import History
from autograder.checkers.offsets import judge_offsets
from autograder.gossip.client import Client
from autograder.gossip.load import Load
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.workload import Request

Offset = Annotated[int, Meta(ge=0)]

REASSIGN = 1 / 64  # of the operations: a client takes other keys
CRASH = 1 / 512  # of the operations: a client forgets everything, and another takes its place
SEND, POLL, COMMIT = 0.5, 0.35, 0.12  # of the others; what is left lists committed offsets


class SendOk(Reply, frozen=True):
    """The offset that a message got."""

    offset: Offset


class PollOk(Reply, frozen=True):
    """Pairs of offset and message, by key."""

    msgs: dict[str, list[tuple[Offset, int]]]


class Done(Reply, frozen=True):
    """Nothing but that it was done."""


class ListOk(Reply, frozen=True):
    """Committed offsets, by key."""

    offsets: dict[str, Offset]


SEND_RPC = Rpc("send", SendOk, '{"type": "send_ok", "in_reply_to": 1, "offset": 17}', "kafka")
POLL_RPC = Rpc(
    "poll",
    PollOk,
    '{"type": "poll_ok", "in_reply_to": 2, "msgs": {"k1": [[17, 9], [18, 4]]}}',
    "kafka",
)
COMMIT_RPC = Rpc("commit_offsets", Done, '{"type": "commit_offsets_ok", "in_reply_to": 3}', "kafka")
LIST_RPC = Rpc(
    "list_committed_offsets",
    ListOk,
    '{"type": "list_committed_offsets_ok", "in_reply_to": 4, "offsets": {"k1": 17}}',
    "kafka",
)


class Kafka:
    """See `Workload`. Messages are the integers from 1; a key takes some, and then a new key comes in.

    A client polls the keys that it was assigned, from where it is. With an assignment it takes up where
    consumers before it have committed. Its state: `next`, the offset of each assigned key to poll from, and
    `dirty`, the keys of which it has polled more than it has committed.
    """

    name = "kafka"
    reads = frozenset({"poll", "drain", "assign", "list_committed_offsets"})

    def __init__(self, keys: int = 8, messages_per_key: int = 256) -> None:
        self._keys = [str(number) for number in range(1, keys + 1)]  # that take messages now
        self._all = [*self._keys]
        self._most = messages_per_key
        self._sent = 0
        self._taken: dict[str, int] = {}
        self._asked_last: set[str] = set()

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        pass

    # ---- what is asked ---------------------------------------------------------------------------

    def next(self, client: Client, random: Random) -> Request:
        if random.random() < CRASH:
            client.replace()
        if "next" not in client.state or random.random() < REASSIGN:
            return self._assign(random)
        kind = random.random()
        if kind < SEND:
            return self._send(random)
        if kind < SEND + POLL:
            return Request("poll", (dict(client.state["next"]),))
        if kind < SEND + POLL + COMMIT and client.state["dirty"]:
            return Request(
                "commit_offsets",
                ({key: client.state["next"][key] - 1 for key in sorted(client.state["dirty"])},),
            )
        return Request("list_committed_offsets", (tuple(client.state["next"]),))

    def _assign(self, random: Random) -> Request:
        """Some of the keys that take messages, or did lately."""
        recent = self._all[-2 * len(self._keys) :]
        return Request(
            "assign", (tuple(random.sample(recent, random.randint(1, len(self._keys)))),)
        )

    def _send(self, random: Random) -> Request:
        """A message to a key; a key that has all its messages makes room for a new one."""
        place = random.randrange(len(self._keys))
        key = self._keys[place]
        if self._taken.setdefault(key, 0) == self._most:
            key = self._keys[place] = str(len(self._all) + 1)
            self._all.append(key)
            self._taken[key] = 0
        self._taken[key] += 1
        self._sent += 1
        return Request("send", (key, self._sent))

    def last(self, client: Client) -> Sequence[Request]:
        if client.node in self._asked_last:
            return ()
        self._asked_last.add(client.node)
        keys = tuple(self._all)
        return Request("drain", (keys,)), Request("list_committed_offsets", (keys,))

    # ---- how it is done --------------------------------------------------------------------------

    async def perform(self, client: Client, request: Request) -> Any:
        match request.name:
            case "send":
                key, message = request.args
                return (await client.ask(SEND_RPC, key=key, msg=message)).offset
            case "poll":
                return await self._poll(client, request.args[0])
            case "drain":
                return await drain(client, request.args[0])
            case "commit_offsets":
                await client.ask(COMMIT_RPC, offsets=request.args[0])
                client.state.setdefault("dirty", set()).difference_update(request.args[0])
                return None
            case _:
                offsets = (await client.ask(LIST_RPC, keys=list(request.args[0]))).offsets
                if request.name == "assign":
                    client.state["next"] = {
                        key: offsets.get(key, -1) + 1 for key in request.args[0]
                    }
                    client.state["dirty"] = set()
                return offsets

    async def _poll(
        self, client: Client, offsets: dict[str, int]
    ) -> dict[str, list[tuple[int, int]]]:
        """Poll, and go on behind what came."""
        messages = (await client.ask(POLL_RPC, offsets=offsets)).msgs
        ahead = client.state.setdefault("next", {})
        dirty = client.state.setdefault("dirty", set())
        for key, entries in messages.items():
            if entries and key in offsets:
                ahead[key] = entries[-1][0] + 1
                dirty.add(key)
        return messages

    def judge(self, history: History, quiet: int) -> Judgement:
        return judge_offsets(history, quiet)


async def drain(client: Client, keys: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Poll everything from the first offset on, until a poll of all keys brings nothing that leads further.

    A poll need not give something of every key that has something.
    """
    found: dict[str, list[tuple[int, int]]] = {key: [] for key in keys}
    ahead = dict.fromkeys(keys, 0)
    asked = ahead
    while asked:
        messages = (await client.ask(POLL_RPC, offsets=asked)).msgs
        moved = {}
        for key, entries in messages.items():
            found.setdefault(key, []).extend(entries)
            if entries and key in asked and entries[-1][0] >= asked[key]:
                moved[key] = entries[-1][0] + 1
        ahead = ahead | moved
        asked = moved or (ahead if len(asked) < len(ahead) else {})
    return found
