"""A channel: whoever says something sends it to all others. Who reads sees it in some order."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from labs.node import Message, Node, Request, handler

FIRST = 0.0005  # seconds after which members say what they have to say


@dataclass(frozen=True)
class Post(Message):
    """What somebody said, and when, by whatever clock."""

    author: str
    text: str
    stamp: float


@dataclass(frozen=True)
class Screen(Message):
    """What a member's screen shows, from top to bottom."""

    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Look(Request[Screen]):
    """Asks what a member's screen shows."""


class Member(Node):
    """Shows posts in the order in which they come."""

    def __init__(self, opens: str = "", answers: Mapping[str, str] | None = None) -> None:
        self.opens = opens
        self.answers = answers or {}  # to what it says what
        self.posts: list[Post] = []

    async def main(self) -> None:
        await asyncio.sleep(FIRST)
        if self.opens:
            self.say(self.opens)
        await super().main()

    def say(self, text: str) -> None:
        post = self.write(text)
        self.posts.append(post)
        for peer in self.peers:
            if peer != self.id:
                self.send(peer, post)

    @handler
    async def hear(self, post: Post) -> None:
        self.posts.append(post)
        if post.text in self.answers:
            self.say(self.answers[post.text])

    @handler
    async def look(self, request: Look) -> Screen:
        return Screen([self.line(post) for post in self.ordered()])

    def write(self, text: str) -> Post:
        return Post(self.id, text, stamp=0)

    def ordered(self) -> list[Post]:
        return self.posts

    def line(self, post: Post) -> str:
        return post.text
