"""Steps a second of nodes on one core, against messages through a bare socket pair on that core."""

from __future__ import annotations

import os
import socket
import time
from statistics import median

from tests.bench.arena import Arena, first_core, ping_pong
from tests.bench.rows import Row, at_least, interleave, ratio

MESSAGE = b"x" * 100


def measure(quick: bool) -> list[Row]:
    """A step is one exchange with a node's process; the unit beside it, one round trip."""
    rounds, calls = (3, 2_000) if quick else (9, 5_000)
    with Arena(first_core()) as arena:
        arena.run(ping_pong(100))
        steps, raw = interleave(
            rounds, lambda: arena.run(ping_pong(calls)), lambda: round_trips(4 * calls)
        )
    note = f"{median(steps):,.0f} steps/s, {median(raw):,.0f} round trips/s"
    return [Row("node steps per raw round trip", ratio(steps, raw), "", at_least(0.2), note)]


def round_trips(number: int) -> float:
    """Round trips a second of one core between this process and a child that sends back what it gets."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        echo(theirs)
    theirs.close()
    began = time.process_time()
    for _ in range(number):
        ours.send(MESSAGE)
        ours.recv(4096)
    took = time.process_time() - began
    ours.close()
    used = os.wait4(child, 0)[2]
    return number / (took + used.ru_utime + used.ru_stime)


def echo(link: socket.socket) -> None:
    """The child: send everything back, until the other end closes; never returns."""
    try:
        while data := link.recv(4096):
            link.send(data)
    finally:
        os._exit(0)
