"""Nodes that have no neighbours: every round, each talks to somebody by chance."""

import asyncio
from dataclasses import dataclass

from labs.node import Message, handler
from rumour.rumour import Psst, Villager

ROUND = 0.1  # seconds


@dataclass(frozen=True)
class AnyNews(Message):
    """Asks for rumours; `known` says which are known already."""

    asker: str
    known: list[int]


class Push(Villager):
    """Tells somebody all that it knows."""

    async def main(self) -> None:
        while True:
            await asyncio.sleep(ROUND)
            others = [peer for peer in self.peers if peer != self.id]
            self.talk_to(self.random.choice(others))

    def talk_to(self, peer: str) -> None:
        if self.known:
            self.send(peer, Psst(sorted(self.known)))


class Pull(Push):
    """Asks somebody for what it does not know."""

    def talk_to(self, peer: str) -> None:
        self.send(peer, AnyNews(self.id, sorted(self.known)))

    @handler
    async def any_news(self, request: AnyNews) -> None:
        if news := sorted(self.known.difference(request.known)):
            self.send(request.asker, Psst(news))


class PushAndPull(Pull):
    """Does both: who talks, or is asked, gives what the other lacks."""

    def talk_to(self, peer: str) -> None:
        Push.talk_to(self, peer)
        Pull.talk_to(self, peer)
