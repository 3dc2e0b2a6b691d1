"""An event loop in virtual time: it never waits. Whoever owns it moves its clock and tells it to run."""

from __future__ import annotations

import asyncio
import heapq
import math
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from itertools import count
from typing import Any, NoReturn, TypeVar

from labs.node.errors import Mistake

T = TypeVar("T")
SECOND = 1_000_000  # in microseconds, the unit of every virtual time
TURNS_PER_STEP = 1_000
NO_SOCKETS = "a node opens no sockets: nodes talk by self.call and self.send"
NO_PROCESSES = "a node is one process, and this starts another: do the work in it"
NO_THREADS = "a node has one thread, and this starts another: "
RESTLESS_STEPS = 500  # steps without a rest after which a program is refused
LEAST_CANCELLED = 100  # timers that are not worth a look through the heap
POLL = 1_000  # what a program that never pauses is moved on by


def microseconds(seconds: float) -> int:
    """Seconds as whole microseconds, rounded up so that no timer fires early."""
    return math.ceil(seconds * SECOND - 1e-3)


AnyLoop: Any = asyncio.AbstractEventLoop  # whose every method a type checker would ask for


class VirtualLoop(AnyLoop):  # type: ignore[misc]
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
        self._cancelled = 0  # timers, since the heap was last cleared of them
        self._closed = False
        self._restless = 0

    def run_ready(self) -> None:
        """Run until nothing is ready and no timer is due, or for a thousand turns."""
        self._release_timers()
        if not self._ready:
            self._restless = 0
            return
        outer = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        asyncio._set_running_loop(self)
        try:
            self._run_turns()
        finally:
            asyncio._set_running_loop(outer)

    def _run_turns(self) -> None:
        for _ in range(TURNS_PER_STEP):
            self._run_turn()
            self._release_timers()
            if not self._ready:
                self._restless = 0
                return
        self._note_unrest()

    def _note_unrest(self) -> None:
        """Refuse a program that is never idle: time would hardly move."""
        self._restless += 1
        if self._restless > RESTLESS_STEPS:
            problem = Mistake(
                "a loop that awaits nothing that takes time: write await asyncio.sleep(0.01) in it, "
                "or wait for an asyncio.Event"
            )
            task = getattr(getattr(self._ready[0], "_callback"), "__self__", None)  # noqa: B009
            if isinstance(task, asyncio.Task):
                task.get_coro().throw(problem)  # where it waits, so that its traceback says so
            raise problem

    def _run_turn(self) -> None:
        ready = self._ready
        handle: asyncio.Handle | None
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()
        handle = None  # or the traceback of a task that fails would keep that task alive

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
        """Drop cancelled timers once they may be the most; those in front go by themselves."""
        self._cancelled += 1
        if self._cancelled > max(LEAST_CANCELLED, len(self._timers) // 2):
            self._timers = [entry for entry in self._timers if not entry[2].cancelled()]
            heapq.heapify(self._timers)
            self._cancelled = 0

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, T], **options: Any) -> asyncio.Task[T]:
        return asyncio.Task(coro, loop=self, **options)

    def get_task_factory(self) -> None:
        return None

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self._on_error(context)

    # asyncio asks at every turn: `bool()` is False, and takes no frame.
    get_debug = staticmethod(bool)

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

    def run_in_executor(
        self, executor: object, function: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run a function that blocks, whole, at a later turn: there is no other thread to run it.

        So tasks that are ready run before it, as they may on another machine; none runs beside it.
        """
        future: asyncio.Future[T] = self.create_future()
        self.call_soon(finish, future, function, args)
        return future


def finish(future: asyncio.Future[T], function: Callable[..., T], args: tuple[Any, ...]) -> None:
    """Give a future what a function returns or raises, unless nobody waits for it any more."""
    if future.cancelled():
        return
    try:
        future.set_result(function(*args))
    except Exception as problem:
        future.set_exception(problem)


@contextmanager
def running(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Make `loop` the running one for code that it does not run itself."""
    outer = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    asyncio._set_running_loop(loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(outer)


def refusal(text: str) -> Callable[..., NoReturn]:
    """A function that raises `Mistake`."""

    def refuse(*args: object, **options: object) -> NoReturn:
        raise Mistake(text)

    return refuse


REFUSED = {
    NO_SOCKETS: """create_connection create_server create_datagram_endpoint create_unix_connection
        create_unix_server getaddrinfo getnameinfo sock_connect sock_accept sock_recv sock_sendall
        add_reader add_writer""",
    NO_PROCESSES: "subprocess_exec subprocess_shell connect_read_pipe connect_write_pipe",
    "a node's event loop runs already: write await instead": "run_until_complete run_forever",
    "no signals reach a node: it ends when its main returns": "add_signal_handler",
}
for _text, _names in REFUSED.items():
    for _name in _names.split():
        setattr(VirtualLoop, _name, refusal(_text))
