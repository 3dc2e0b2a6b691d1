"""What becomes of messages at exact moments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random

from autograder.cluster import rules
from autograder.cluster.trace import Message
from autograder.suites.limits import within

Fits = Callable[[Message], bool]
LONGEST_PAUSE = 5.0  # seconds between two tries of a clerk, at most
ANSWER = LONGEST_PAUSE + 1.0  # seconds within which an operation ends once the network is whole


def is_request(message: Message) -> bool:
    """Whether a message asks for something."""
    return message.in_reply_to is None


def is_reply(message: Message) -> bool:
    """Whether a message answers a request."""
    return message.in_reply_to is not None


class First:
    """A rule for the network: the first messages that fit are lost, or are so late. The others pass."""

    def __init__(self, number: int, fits: Fits, delays: Sequence[float] = rules.LOST) -> None:
        self._left = number
        self._over = asyncio.Event()
        self._fits = fits
        self._delays = delays

    def __call__(self, message: Message, random: Random) -> Sequence[float]:
        if not self._left or not self._fits(message):
            return rules.PASS
        self._left -= 1
        if not self._left:
            self._over.set()
        return self._delays

    async def struck(self, what: str) -> None:
        """Wait until it has met all of them; `what` says what they are."""
        await within(ANSWER, self._over.wait(), what)


def lose_first(number: int, fits: Fits) -> First:
    """A rule that loses the first messages that fit."""
    return First(number, fits)
