"""Time: what happens when. Virtual time jumps to the next event; wall time waits for it."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Protocol, TypeVar

from autograder.cluster.errors import ClusterError, HarnessFault, Unfinished
from labs.node.hosts.loop import SECOND, VirtualLoop

ResultT = TypeVar("ResultT")
Action = Callable[[], None]
PARTING = 2.0  # seconds on the wall that what is left gets to end
CANCELS = 3  # times that a test is told to end: what waits in a `finally` block needs it again


class Engine(Protocol):
    """The clock of a cluster and the order of its events."""

    virtual: bool
    origin: float  # the machine's monotonic clock as the cluster started; 0 under virtual time
    events: int  # so far

    @property
    def now(self) -> int:
        """Microseconds since the cluster started."""

    def at(self, when: int, action: Action) -> None:
        """Do something at a time; at once if that has passed."""

    def run(self, test: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Run a test's coroutine to its end, and everything that happens meanwhile."""

    def fail(self, error: ClusterError) -> None:
        """End the run with this error, unless it has one already."""


class VirtualEngine:
    """Events in a heap. Those due at the same instant are ordered by the seed."""

    virtual = True
    origin = 0.0

    def __init__(self, random: Random, time_limit: float, event_limit: int) -> None:
        self.now = 0
        self.events = 0
        self._random = random.random
        self._heap: list[tuple[int, float, int, Action]] = []
        self._added = 0
        self._time_limit = int(time_limit * SECOND)
        self._event_limit = event_limit
        self._failure: BaseException | None = None
        self._loop = VirtualLoop(self._report)

    def at(self, when: int, action: Action) -> None:
        self._added += 1
        heapq.heappush(self._heap, (max(when, self.now), self._random(), self._added, action))

    def run(self, test: Coroutine[Any, Any, ResultT]) -> ResultT:
        task = self._loop.create_task(test)
        try:
            self._go_through(task)
            return task.result()
        except BaseException:
            self._cancel(task)
            raise

    def _go_through(self, task: asyncio.Task[Any]) -> None:
        """Let things happen until the test is over; raises what ends it before."""
        self._loop.run_ready()
        while not task.done() and self._failure is None:
            try:
                self._advance()
            except ClusterError as error:
                self.fail(error)
            self._loop.run_ready()
        if self._failure is not None:
            raise self._failure

    def _advance(self) -> None:
        """Let the next thing happen: an event of the heap, or a timer of the test's own."""
        timer, heap = self._loop.next_timer(), self._heap
        if timer is None and not heap:
            raise Unfinished("nothing is left that could happen, and the test still waits")
        if heap and (timer is None or heap[0][0] <= timer):
            when, _, _, action = heapq.heappop(heap)
            self._move(when)
            action()
        elif timer is not None:
            self._move(timer)

    def _move(self, when: int) -> None:
        self.events += 1
        if when > self._time_limit:
            raise Unfinished(f"the run did not end within {self._time_limit / SECOND:g} virtual s")
        if self.events > self._event_limit:
            raise Unfinished(f"the run did not end within {self._event_limit} events")
        self.now = self._loop.now = when

    def fail(self, error: ClusterError) -> None:
        self._failure = self._failure or error

    def _report(self, context: dict[str, Any]) -> None:
        problem = context.get("exception")
        self._failure = self._failure or problem or HarnessFault(str(context.get("message")))

    def _cancel(self, task: asyncio.Task[Any]) -> None:
        """Let the `finally` blocks of the test, and of what it began, run as far as they need no time."""
        for _ in range(CANCELS):
            for each in asyncio.all_tasks(self._loop):
                each.cancel()
            self._loop.run_ready()
        if task.done() and not task.cancelled():
            task.exception()


class WallEngine:
    """Python's own event loop; for real time, and without promises of repetition."""

    virtual = False

    def __init__(self, time_limit: float) -> None:
        self.events = 0
        self.loop = asyncio.new_event_loop()
        self.origin = self.loop.time()
        self._time_limit = time_limit
        self._failure: ClusterError | None = None
        self._task: asyncio.Task[Any] | None = None
        self._heap: list[tuple[int, int, Action]] = []
        self._added = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0  # when that timer is

    @property
    def now(self) -> int:
        return int((self.loop.time() - self.origin) * SECOND)

    def at(self, when: int, action: Action) -> None:
        self._added += 1
        heapq.heappush(self._heap, (when, self._added, action))
        if self._timer is None or when < self._due:
            self._set_timer(when)

    def _set_timer(self, when: int) -> None:
        """One timer for the next event: the loop's own heap costs more for each."""
        if self._timer is not None:
            self._timer.cancel()
        self._due = when
        self._timer = self.loop.call_at(self.origin + when / SECOND, self._advance)

    def _advance(self) -> None:
        """Let all happen that is due."""
        heap, now = self._heap, self.now
        self._due = 0  # no event sets a timer meanwhile
        try:
            while heap and heap[0][0] <= now:
                self._do(heapq.heappop(heap)[2])
        finally:
            self._timer = None
            if heap:
                self._set_timer(heap[0][0])

    def _do(self, action: Action) -> None:
        self.events += 1
        try:
            action()
        except ClusterError as error:
            self.fail(error)

    def run(self, test: Coroutine[Any, Any, ResultT]) -> ResultT:
        try:
            return self.loop.run_until_complete(self._run(test))
        finally:
            left = asyncio.all_tasks(self.loop)  # what the test has left undone
            for task in left:
                task.cancel()
            if left:
                self.loop.run_until_complete(asyncio.wait(left, timeout=PARTING))
            for task in left:
                if task.done() and not task.cancelled():
                    task.exception()  # has been seen
            self.loop.close()

    async def _run(self, test: Coroutine[Any, Any, ResultT]) -> ResultT:
        self._task = asyncio.ensure_future(test)
        try:
            return await asyncio.wait_for(self._task, self._time_limit)
        except asyncio.CancelledError:
            raise self._failure or HarnessFault("the test was cancelled") from None
        except TimeoutError:
            if self._task.cancelled():
                raise Unfinished(f"the run did not end within {self._time_limit:g} s") from None
            raise

    def fail(self, error: ClusterError) -> None:
        self._failure = self._failure or error
        if self._task is not None:
            self._task.cancel()
