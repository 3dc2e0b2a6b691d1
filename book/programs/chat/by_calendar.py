"""The channel in the order of the members' clocks."""

import time

from chat.member import Member, Post


class ByCalendar(Member):
    """Shows posts in the order of the time of day at which they were written."""

    def write(self, text: str) -> Post:
        return Post(self.id, text, stamp=time.time())

    def ordered(self) -> list[Post]:
        return sorted(self.posts, key=lambda post: post.stamp)
