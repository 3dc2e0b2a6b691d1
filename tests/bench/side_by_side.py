"""Two tests side by side, each on its core, against one alone."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from autograder.catalog import REPOSITORY
from tests.bench.arena import Arena, cores, ping_pong
from tests.bench.rows import Row, at_least, interleave, ratio


def measure(quick: bool) -> list[Row]:
    """Steps a second of both together, over those of one: from the start to the end of the last."""
    if len(cores()) < 2:
        return []
    rounds, calls = (3, 2_000) if quick else (9, 5_000)
    one, two = (Runner(core, calls) for core in cores()[:2])
    try:
        alone, together, other = interleave(
            rounds,
            lambda: rate(calls, one),
            lambda: rate(calls, one, two),
            lambda: rate(calls, two),
        )
    finally:
        one.close()
        two.close()
    either = [(a + b) / 2 for a, b in zip(alone, other, strict=True)]
    note = f"{median(together):,.0f} calls/s, alone {median(either):,.0f}"
    return [
        Row(
            "two tests side by side, over one",
            ratio(together, either),
            "times",
            at_least(1.8),
            note,
        )
    ]


class Runner:
    """A process that runs a ping-pong of so many calls whenever it is told to."""

    def __init__(self, core: int, calls: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name, str(core), str(calls)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
        )
        self.wait()

    def go(self) -> None:
        """Let it run once."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()

    def wait(self) -> None:
        """Wait until it has run."""
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError("a process of the measurement has died")

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def rate(calls: int, *runners: Runner) -> float:
    """Calls a second of these together."""
    began = time.perf_counter()
    for runner in runners:
        runner.go()
    for runner in runners:
        runner.wait()
    return calls * len(runners) / (time.perf_counter() - began)


def main(core: int, calls: int) -> None:
    """The process: run at every line that comes, and answer each with one."""
    with Arena(core) as arena:
        arena.run(ping_pong(100))
        print(flush=True)
        for _ in sys.stdin:
            arena.run(ping_pong(calls))
            print(flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
