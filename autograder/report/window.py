"""Which part of a run a picture shows, and what stood when that part began."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.report import words
from autograder.report.scene import Scene, end_of, moments
from autograder.report.text import line

LEAST = 60  # messages in the window where no evidence tells what matters
SMALL = 120  # messages of a run that is shown whole
MARGIN = 0.2  # of the evidence's time, on either side
LEAST_MARGIN = 500  # microseconds


@dataclass(frozen=True)
class Window:
    """A stretch of the run, in microseconds."""

    start: int
    end: int

    def holds(self, time: int) -> bool:
        """Whether a time lies in it."""
        return self.start <= time <= self.end


def around(scene: Scene) -> Window:
    """The stretch around the evidence; without any, the end of the run, or the whole of a short one.

    If a single operation is the evidence, the stretch also holds what came before it.
    """
    end = end_of(scene)
    if scene.evidence:
        first = min(operation.invoked for operation in scene.evidence)
        last = max(operation.returned or operation.invoked for operation in scene.evidence)
        margin = max(int((last - first) * MARGIN), LEAST_MARGIN)
        start = max(first - margin, 0)
        if len(scene.evidence) == 1:  # what it contradicts lies before it
            start = min(start, before(scene, last))
        return Window(start, min(last + margin, end + margin))
    start = before(scene, end)
    return Window(start, end + (end - start) // 50 + 1)


def before(scene: Scene, end: int) -> int:
    """Where the stretch begins that says how it came to what happened at `end`."""
    sent = [event.now for event in scene.events if event.kind == "send" and event.now <= end]
    return 0 if len(sent) <= SMALL else sent[-LEAST]


def kept(scene: Scene, window: Window, limit: int) -> Window:
    """The longest stretch around the window with at most `limit` messages, operations and marks."""
    times = [event.now for event in scene.events if event.kind not in ("deliver", "drop")]
    times = sorted([*times, *(operation.invoked for operation in scene.operations)])
    if len(times) <= limit:
        return Window(0, end_of(scene))
    middle = bisect(times, (window.start + window.end) // 2)
    first = min(max(middle - limit // 2, 0), len(times) - limit)
    return Window(times[first] if first else 0, times[first + limit - 1])


def left_edge(scene: Scene, window: Window) -> list[str]:
    """What a reader must know of the time before the window, in sentences."""
    before = bisect_left(moments(scene), window.start)
    if not before:
        return []
    return [
        f"{words.counted(before, 'event')} before",
        *state(scene, window),
        *still_open(scene, window),
    ]


def state(scene: Scene, window: Window) -> list[str]:
    """The last answer, before the window, about each key that the evidence is about."""
    found = []
    for key in sorted({words.key_of(op) for op in scene.evidence} - {""}):
        done = [
            op for op in scene.operations
            if words.key_of(op) == key and op.error is None
            and op.returned is not None and op.returned < window.start
        ]  # fmt: skip
        if done:
            last = max(done, key=lambda op: op.returned or 0)
            found.append(f"last answer: {line(last.client, 24)}: {words.said(last)}")
    return found


def still_open(scene: Scene, window: Window) -> Sequence[str]:
    """The operations on those keys that had begun before the window and were not over."""
    keys = {words.key_of(op) for op in scene.evidence}
    running = [
        f"{line(op.client, 24)}: {words.asked(op)}" for op in scene.operations
        if op.invoked < window.start and (op.returned is None or op.returned >= window.start)
        and (not keys or words.key_of(op) in keys)
    ]  # fmt: skip
    shown = [f"open: {'; '.join(running[:4])}"] if running else []
    return shown + ([f"and {len(running) - 4} more open"] if len(running) > 4 else [])
