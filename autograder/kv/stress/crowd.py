"""The clerks of a stress run, and what they note together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TypeVar

from grpc.aio import Channel

from autograder.kv.client import Caller, open_channel
from autograder.kv.loss import ClientLoss, Dice, Losses
from autograder.kv.messages import Method
from autograder.kv.root import Root
from autograder.kv.server import SilentHost
from autograder.kv.stress.record import Record, RecordingClerk
from labs.node import Request
from labs.node.node import create

ReplyT = TypeVar("ReplyT")


class CountingCaller(Caller):
    """Counts its calls."""

    def __init__(self, channel: Channel, methods: Sequence[Method]) -> None:
        super().__init__(channel, methods)
        self.calls = 0

    async def call(self, dest: str, body: Request[ReplyT], timeout: float = 1.0) -> ReplyT:
        """See `Node.call`."""
        self.calls += 1
        return await super().call(dest, body, timeout)


class Crowd:
    """Clerks of a root that write one history; open it with `async with`."""

    def __init__(self, lab: Root, seed: int) -> None:
        self._record = Record()
        self.history = self._record.history
        self._methods = lab.methods
        self._clerk_class = lab.clerk_class()
        self._seed = seed
        self._dice: list[Dice] = []
        self._callers: list[CountingCaller] = []
        self._channels = AsyncExitStack()

    async def clerk(self, name: str, address: str, loss: float = 0.0) -> RecordingClerk:
        """A clerk for a client of that name, which loses that percentage of its messages."""
        dice = Dice(loss, f"{self._seed} {name} loss")
        interceptors = [ClientLoss(dice)] if loss else []
        channel = await self._channels.enter_async_context(open_channel(address, interceptors))
        options = {"channel": channel, "methods": self._methods}
        caller = create(CountingCaller, SilentHost(name, seed=self._seed), options)
        self._dice.append(dice)
        self._callers.append(caller)
        return RecordingClerk(name, self._clerk_class(caller, "server"), self._record)

    def losses(self) -> Losses:
        """What all clients together have lost."""
        lost = [dice.losses for dice in self._dice]
        return Losses(sum(one.requests for one in lost), sum(one.replies for one in lost))

    def sent_again(self) -> int:
        """How many requests were sent beyond the first of each operation."""
        return sum(caller.calls for caller in self._callers) - len(self.history)

    async def __aenter__(self) -> Crowd:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._channels.aclose()
