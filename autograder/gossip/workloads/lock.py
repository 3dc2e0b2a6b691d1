"""Locks with names: no two clients hold one at the same time.

`acquire` names the lock and who is to own it, and is answered at once: that client has it now, or the error
22, precondition-failed, says that another does. `release` gives it back; the error 22 says that this owner
did not hold it. A lock is held until it is released, also by an owner who is gone. So a client that got no
answer goes on under another name, and nobody asks for that lock again.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from autograder.checkers import Lock as Model
from autograder.checkers import check
from autograder.checkers.finding import Finding, Judgement
from autograder.checkers.history import History
from autograder.gossip.client import Client
from autograder.gossip.load import Load
from autograder.gossip.protocol import Reply, Rpc
from autograder.gossip.workload import Request
from autograder.verdict import Verdict
from labs.node.errors import KeyDoesNotExist, PreconditionFailed, RPCError

LOCKS = 3  # that are in use at once
GONE = 1 / 8  # of the clients that hold a lock are gone instead of giving it back
ASKED = 12  # times that such a lock is asked for
NOT_HELD = (KeyDoesNotExist.code, PreconditionFailed.code)


class Done(Reply, frozen=True):
    """Nothing but that it was done."""


ACQUIRE = Rpc("acquire", Done, '{"type": "acquire_ok", "in_reply_to": 1}', "lock")
RELEASE = Rpc("release", Done, '{"type": "release_ok", "in_reply_to": 2}', "lock")


class Lock:
    """See `Workload`. A client holds one lock at most, and its next operation gives it back.

    Or it is gone, and another takes its place: then nobody gets that lock, which is asked for some more.
    """

    name = "lock"
    reads: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self._made = LOCKS
        self._names = [f"lock {number}" for number in range(LOCKS)]
        self._orphans: dict[
            str, int
        ] = {}  # locks of those who are gone, and how often they are asked for

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        pass

    def next(self, client: Client, random: Random) -> Request:
        held = client.state.get("held")
        if held is not None and random.random() < GONE:
            self._orphans[held] = ASKED
            client.replace()
        elif held is not None:
            return Request("release", (held,))
        name = random.choice(self._names)
        if name in self._orphans:
            self._orphans[name] -= 1
            if not self._orphans[name]:
                self._retire(name)
        return Request("acquire", (name,))

    async def perform(self, client: Client, request: Request) -> Any:
        name = request.args[0]
        acquires = request.name == "acquire"
        try:
            await client.ask(ACQUIRE if acquires else RELEASE, name=name, owner=client.id)
        except RPCError as error:
            if not error.definite:
                client.state["held"] = None
                self._retire(name)
            raise
        client.state["held"] = name if acquires else None

    def _retire(self, name: str) -> None:
        """Use another lock in the place of one that is held for ever, or may be."""
        if name in self._names:
            self._names[self._names.index(name)] = f"lock {self._made}"
            self._made += 1

    def last(self, client: Client) -> Sequence[Request]:
        return ()

    def judge(self, history: History, quiet: int) -> Judgement:
        done = [each for each in history if each.returned is not None and each.error is None]
        figures = {"acquired-count": sum(each.name == "acquire" for each in done)}
        return Judgement(not_given_back(history) or check(history, Model), figures)


def not_given_back(history: History) -> Finding | None:
    """A release that was refused, although its client held the lock: it asks for no other."""
    for each in history:
        if each.name == "release" and each.error in NOT_HELD:
            since = history.last(each.client, "acquire", each.args)
            sentence = (
                f"{each.client} held {each.args[0]!r} from {(since.returned or 0) / 1e6:.3f} s on, and at "
                f"{each.invoked / 1e6:.3f} s {each.node} refused its release with error {each.error}"
            )
            return Finding(Verdict.FAIL, sentence, (since, each))
    return None
