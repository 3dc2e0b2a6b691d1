"""What becomes of messages at exact moments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random

from autograder.cluster import rules
from autograder.cluster.trace import Message

Fits = Callable[[Message], bool]


def is_request(message: Message) -> bool:
    """Whether a message asks for something."""
    return message.in_reply_to is None


def is_reply(message: Message) -> bool:
    """Whether a message answers a request."""
    return message.in_reply_to is not None


KINDS: dict[Fits, tuple[str, str]] = {
    is_request: ("request", "requests"),
    is_reply: ("reply", "replies"),
}


def lost(number: int, one: str, many: str) -> str:
    """That the next so many messages are lost, in words."""
    return f"the next {one} is lost" if number == 1 else f"the next {number} {many} are lost"


class First:
    """A rule for the network: the first messages that fit are lost, or are so late. The others pass.

    `reached` is set when it has met all of them. `what` is it in words if it loses requests or replies; of
    any other, whoever installs it tells the network.
    """

    def __init__(self, number: int, fits: Fits, delays: Sequence[float] = rules.LOST) -> None:
        self.reached = asyncio.Event()
        self._left = number
        self._fits = fits
        self._delays = delays
        told = fits in KINDS and delays == rules.LOST
        self.what = lost(number, *KINDS[fits]) if told else ""

    def __call__(self, message: Message, random: Random) -> Sequence[float]:
        if not self._left or not self._fits(message):
            return rules.PASS
        self._left -= 1
        if not self._left:
            self.reached.set()
        return self._delays
