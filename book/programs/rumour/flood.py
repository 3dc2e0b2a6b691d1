"""Two ways to pass a rumour on: to whom it is news, and to whoever stands there."""

from rumour.rumour import Psst, Villager


class Once(Villager):
    """Tells its neighbours what it hears for the first time."""

    def hear(self, rumours: list[int]) -> None:
        news = [rumour for rumour in rumours if rumour not in self.known]
        self.known.update(news)
        if news:
            for neighbour in self.neighbours:
                self.send(neighbour, Psst(news))


class Chatterbox(Villager):
    """Tells its neighbours what it hears."""

    def hear(self, rumours: list[int]) -> None:
        self.known.update(rumours)
        for neighbour in self.neighbours:
            self.send(neighbour, Psst(rumours))
