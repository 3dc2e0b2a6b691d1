"""Decides whether a step that takes long is its node's fault, the machine's, or ours."""

from __future__ import annotations

import time

import psutil

from autograder.cluster.errors import HarnessFault

CPU_LIMIT = 5.0  # seconds of its own CPU that one step may use
IDLE_LIMIT = 2.0  # seconds that one step may spend asleep, outside our read
BACKSTOP = 120.0  # seconds on the wall after which it is our fault
BUSY = (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP, psutil.STATUS_WAKING)  # or starved


class Watch:
    """Looks at one process from the moment at which it has been silent for long."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._began = self._last_busy = time.monotonic()
        self._cpu_at_start = self._last_cpu = self._cpu()

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def problem(self) -> str | None:
        """What the node does wrong, if it does by now; raises `HarnessFault` past the backstop."""
        now, cpu = time.monotonic(), self._cpu()
        if cpu > self._last_cpu or self._process.status() in BUSY:
            self._last_busy, self._last_cpu = now, cpu
        if cpu - self._cpu_at_start > CPU_LIMIT:
            return f"computed for over {CPU_LIMIT:g} s without a pause: it spins, or needs an await"
        if now - self._last_busy > IDLE_LIMIT:
            return (
                f"blocked for over {IDLE_LIMIT:g} s on something that is not a message: use await"
            )
        if now - self._began > BACKSTOP:
            raise HarnessFault(f"a step took over {BACKSTOP:g} s: the machine is too busy")
        return None
