"""An event loop in virtual time: it never waits. Whoever owns it moves its clock and tells it to run."""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from itertools import count
from typing import Any, NoReturn, TypeVar

from labs.node.errors import Mistake

T = TypeVar("T")
SECOND = 1_000_000  # in microseconds, the unit of every virtual time
TURNS_PER_STEP = 1_000
RESTLESS_STEPS = 500  # steps without a rest after which a program is refused
POLL = 1_000  # what a program that never pauses is moved on by


def microseconds(seconds: float) -> int:
    """Seconds as whole microseconds, rounded up so that no timer fires early."""
    return math.ceil(seconds * SECOND - 1e-3)


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs callbacks and tasks at the times that `now` passes; `now` is set from outside.

    Callbacks due at the same microsecond run in the order in which they were scheduled. That, and that
    nothing here asks the operating system, is why a run is the same on every Python version.
    """

    def __init__(self, on_error: Callable[[dict[str, Any]], None]) -> None:
        self.now = 0
        self._on_error = on_error
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[int, int, asyncio.TimerHandle]] = []
        self._order = count()
        self._closed = False
        self._restless = 0

    def run_ready(self) -> None:
        """Run until nothing is ready and no timer is due, or for a thousand turns."""
        outer = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        asyncio._set_running_loop(self)
        try:
            for _ in range(TURNS_PER_STEP):
                self._release_timers()
                if not self._ready:
                    self._restless = 0
                    break
                self._run_turn()
            else:
                self._note_unrest()
        finally:
            asyncio._set_running_loop(outer)

    def _note_unrest(self) -> None:
        """Refuse a program that is never idle: time would hardly move."""
        self._restless += 1
        if self._restless > RESTLESS_STEPS:
            raise Mistake(
                "a loop that awaits nothing that takes time: write await asyncio.sleep(0.01) in it, "
                "or wait for an asyncio.Event"
            )

    def _run_turn(self) -> None:
        ready = self._ready
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()

    def _release_timers(self) -> None:
        timers = self._timers
        while timers and timers[0][0] <= self.now:
            self._ready.append(heapq.heappop(timers)[2])

    def next_timer(self) -> int | None:
        """When the loop wants to run again, in microseconds; None if only a message can wake it."""
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        if self._ready:
            return self.now + POLL
        return timers[0][0] if timers else None

    def time(self) -> float:
        """Seconds since the cluster started."""
        return self.now / SECOND

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self._schedule(self.now + microseconds(max(delay, 0)), callback, args, context)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self._schedule(max(self.now, microseconds(when)), callback, args, context)

    def _schedule(
        self,
        when: int,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: Context | None,
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when / SECOND, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._order), handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Nothing to do: `next_timer` drops cancelled timers as they come to the front."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, T], **options: Any) -> asyncio.Task[T]:  # type: ignore[override]
        return asyncio.Task(coro, loop=self, **options)

    def get_task_factory(self) -> None:
        return None

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self._on_error(context)

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return asyncio._get_running_loop() is self

    def is_closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._closed = True
        self._ready.clear()
        self._timers.clear()

    async def shutdown_asyncgens(self) -> None:
        """Nothing to do: the process or the loop goes as a whole."""

    def run_in_executor(self, *args: Any) -> NoReturn:  # type: ignore[override]
        raise Mistake(
            "asyncio.to_thread and run_in_executor start threads, and a node has none: "
            "call the function directly"
        )


def _refusal(name: str) -> Callable[..., NoReturn]:
    def refuse(*args: Any, **options: Any) -> NoReturn:
        raise Mistake(
            f"the event loop of a node has no {name}: nodes talk by self.call and self.send"
        )

    return refuse


for _name in (
    "create_connection create_server create_datagram_endpoint create_unix_connection "
    "create_unix_server getaddrinfo sock_connect sock_accept sock_recv sock_sendall add_reader "
    "add_writer add_signal_handler subprocess_exec subprocess_shell run_until_complete run_forever"
).split():
    setattr(VirtualLoop, _name, _refusal(_name))
