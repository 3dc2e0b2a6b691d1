"""Notices, by the clock on the wall, that a program holds up its event loop, and at which line."""

from __future__ import annotations

import asyncio
import selectors
import signal
from collections.abc import Callable
from types import FrameType

PATIENCE = 0.25  # seconds that one turn of the loop may take

Tell = Callable[[FrameType | None], None]


def make_loop(tell: Tell) -> asyncio.AbstractEventLoop:
    """An event loop that has `tell` look at the stack, in the midst of a turn that takes long."""
    signal.signal(signal.SIGALRM, lambda number, frame: tell(frame))
    return asyncio.SelectorEventLoop(AlarmedSelector())


class AlarmedSelector(selectors.DefaultSelector):
    """Sets an alarm while its loop does anything but wait for input."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for input, as every selector does."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            return super().select(timeout)
        finally:
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
