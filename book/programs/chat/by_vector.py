"""The channel with clocks that remember what each author had read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chat.member import Member, Post
from labs.node import handler

Vector = Mapping[str, int]  # of each author, how many posts


class VectorClock:
    """Knows of each member how much it has said, as far as that has come here."""

    def __init__(self, own: str) -> None:
        self.own = own
        self.counts: dict[str, int] = {}

    def tick(self) -> Vector:
        self.counts[self.own] = self.counts.get(self.own, 0) + 1
        return dict(self.counts)

    def witness(self, vector: Vector) -> None:
        for name, count in vector.items():
            self.counts[name] = max(count, self.counts.get(name, 0))


def before(one: Vector, other: Vector) -> bool:
    """Whether what has the vector `one` happened before what has the vector `other`."""
    return one != other and all(count <= other.get(name, 0) for name, count in one.items())


@dataclass(frozen=True)
class Note(Post):
    """A post, and what its author had read and said when it was written."""

    vector: dict[str, int]


class ByVector(Member):
    """Shows a post below what its author had read, and says what above it the author had not."""

    def __init__(self, **script: Any) -> None:
        super().__init__(**script)
        self.clock = VectorClock(self.id)

    def write(self, text: str) -> Note:
        vector = dict(self.clock.tick())
        return Note(self.id, text, stamp=sum(vector.values()), vector=vector)

    @handler
    async def hear_note(self, post: Note) -> None:
        self.clock.witness(post.vector)
        await self.hear(post)

    def ordered(self) -> list[Post]:
        return sorted(self.posts, key=lambda post: (post.stamp, post.author))

    def line(self, post: Post) -> str:
        above = self.ordered()[: self.ordered().index(post)]
        unread = ", ".join(other.text for other in above if concurrent(other, post))
        return f"{post.text}   (had not read: {unread})" if unread else post.text


def concurrent(one: Post, other: Post) -> bool:
    """Whether neither of two posts can have been the reason for the other."""
    if not isinstance(one, Note) or not isinstance(other, Note):
        return False
    return not before(one.vector, other.vector) and not before(other.vector, one.vector)
