"""The channel in the order of a clock that counts causes, and no seconds."""

from typing import Any

from chat.member import Member, Post
from labs.node import handler


class LamportClock:
    """Gives a greater number to whatever happens later here, or because of a message from there."""

    def __init__(self) -> None:
        self.time = 0

    def tick(self) -> int:
        self.time += 1
        return self.time

    def witness(self, stamp: int) -> None:
        self.time = max(self.time, stamp)


class ByLamport(Member):
    """Shows posts in the order of their Lamport times; of equal ones, in that of their authors."""

    def __init__(self, **script: Any) -> None:
        super().__init__(**script)
        self.clock = LamportClock()

    def write(self, text: str) -> Post:
        return Post(self.id, text, stamp=self.clock.tick())

    @handler
    async def hear(self, post: Post) -> None:
        self.clock.witness(int(post.stamp))
        await super().hear(post)

    def ordered(self) -> list[Post]:
        return sorted(self.posts, key=lambda post: (post.stamp, post.author))
