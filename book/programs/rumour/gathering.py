"""A node that waits for more before it speaks."""

import asyncio

from rumour.rumour import Psst, Villager


class Gathering(Villager):
    """Hears for a while, then tells all that was new, in one message."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait  # seconds
        self.news: list[int] = []

    def hear(self, rumours: list[int]) -> None:
        news = [rumour for rumour in rumours if rumour not in self.known]
        self.known.update(news)
        if news and not self.news:
            self.spawn(self.speak())
        self.news += news

    async def speak(self) -> None:
        await asyncio.sleep(self.wait)
        news, self.news = self.news, []
        for neighbour in self.neighbours:
            self.send(neighbour, Psst(news))
