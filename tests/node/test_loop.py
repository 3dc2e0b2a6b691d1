"""The loop in virtual time: asyncio works as ever, and nothing ever waits."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from labs.node import Mistake
from labs.node.hosts import loop as module
from labs.node.hosts.loop import POLL, SECOND, VirtualLoop, microseconds, running


def new_loop() -> VirtualLoop:
    problems: list[Any] = []
    made = VirtualLoop(problems.append)
    made.problems = problems
    return made


def finish(loop: VirtualLoop, task: asyncio.Task[Any], limit: int = 10_000) -> Any:
    """Move the loop from timer to timer until the task is done."""
    loop.run_ready()
    for _ in range(limit):
        if task.done():
            return task.result()
        timer = loop.next_timer()
        assert timer is not None, "nothing is left that could happen"
        loop.now = max(loop.now, timer)
        loop.run_ready()
    raise AssertionError("not done")


def run(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    loop = new_loop()
    result = finish(loop, loop.create_task(main()))
    assert loop.problems == []
    return result


def now() -> float:
    return asyncio.get_running_loop().time()


# ---- timers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "whole"),
    [(0, 0), (1, 1_000_000), (0.1, 100_000), (0.3, 300_000), (1e-6, 1), (1.5e-6, 2), (1e-9, 0)],
)
def test_seconds_become_whole_microseconds(seconds: float, whole: int) -> None:
    assert microseconds(seconds) == whole


def test_timers_run_in_the_order_of_their_times_and_then_of_their_making() -> None:
    loop = new_loop()
    seen: list[Any] = []
    for name, delay in (("c", 2), ("a", 1), ("d", 2), ("b", 1), ("z", 0), ("n", -1)):
        loop.call_later(delay, seen.append, name)
    loop.call_at(1, seen.append, "at")
    loop.call_soon(seen.append, "soon")
    loop.run_ready()
    assert seen == ["soon", "z", "n"]
    assert loop.next_timer() == SECOND
    loop.now = SECOND
    loop.run_ready()
    assert seen[3:] == ["a", "b", "at"]
    loop.now = 5 * SECOND
    loop.run_ready()
    assert seen[6:] == ["c", "d"]
    assert loop.next_timer() is None


def test_no_timer_runs_early() -> None:
    loop = new_loop()
    seen: list[Any] = []
    loop.call_later(1, seen.append, "a")
    loop.now = SECOND - 1
    loop.run_ready()
    assert seen == []


def test_a_cancelled_timer_does_not_run() -> None:
    loop = new_loop()
    seen: list[Any] = []
    loop.call_later(1, seen.append, "a").cancel()
    loop.call_soon(seen.append, "b").cancel()
    loop.now = SECOND
    loop.run_ready()
    assert (seen, loop.next_timer()) == ([], None)


def test_a_callback_that_runs_is_seen_by_the_next_turn() -> None:
    loop = new_loop()
    seen: list[Any] = []

    def first() -> None:
        seen.append(1)
        loop.call_soon(seen.append, 2)

    loop.call_soon(first)
    loop.run_ready()
    assert seen == [1, 2]


def test_cancelled_timers_take_no_memory() -> None:
    loop = new_loop()
    keep = [loop.call_later(50_000 + n, print) for n in range(10)]
    for _ in range(10_000):
        loop.call_later(100_000, print).cancel()
        assert len(loop._timers) <= 10 + 2 + module.LEAST_CANCELLED
    assert {entry[2] for entry in loop._timers} >= set(keep)
    assert loop.next_timer() == 50_000 * SECOND


def test_many_live_timers_are_kept() -> None:
    loop = new_loop()
    seen: list[Any] = []
    handles = [loop.call_later(n, seen.append, n) for n in range(1, 1001)]
    for handle in handles[::2]:
        handle.cancel()
    loop.now = 2000 * SECOND
    loop.run_ready()
    assert seen == list(range(2, 1001, 2))


def test_a_cancel_after_the_timer_ran_does_no_harm() -> None:
    loop = new_loop()
    seen: list[Any] = []
    handles = [loop.call_later(0, seen.append, n) for n in range(500)]
    loop.run_ready()
    later = loop.call_later(1, seen.append, "later")
    for handle in handles:
        handle.cancel()
    loop.now = SECOND
    loop.run_ready()
    assert seen == [*range(500), "later"]
    assert not later.cancelled()


# ---- asyncio's own -------------------------------------------------------------------------------


def test_sleep_takes_virtual_time() -> None:
    async def main() -> float:
        await asyncio.sleep(3600)
        await asyncio.sleep(0)
        return now()

    assert run(main) == 3600


def test_wait_for() -> None:
    async def main() -> tuple[str, float]:
        assert await asyncio.wait_for(asyncio.sleep(1, "x"), 2) == "x"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(9), 2)
        return "timed out", now()

    assert run(main) == ("timed out", 3)


def test_timeout() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.sleep(9)
        async with asyncio.timeout(2):
            await asyncio.sleep(1)
        return now()

    assert run(main) == 3


def test_gather_runs_side_by_side() -> None:
    async def main() -> tuple[list[int], float]:
        return await asyncio.gather(*(asyncio.sleep(n, n) for n in (3, 1, 2))), now()

    assert run(main) == ([3, 1, 2], 3)


def test_a_group_of_tasks_ends_together() -> None:
    async def fail() -> None:
        await asyncio.sleep(1)
        raise ValueError("no")

    async def main() -> float:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
                group.create_task(asyncio.sleep(9), name="sleeper")
        except* ValueError:
            pass
        return now()

    assert run(main) == 1


def test_wait_and_as_completed() -> None:
    async def main() -> list[int]:
        tasks = [asyncio.create_task(asyncio.sleep(n, n)) for n in (3, 1, 2)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = [task.result() for task in done]
        return first + [await each for each in asyncio.as_completed(tasks)]

    assert run(main)[0] == 1
    assert sorted(run(main)[1:]) == [1, 2, 3]


def test_a_queue() -> None:
    async def produce(queue: asyncio.Queue[int]) -> None:
        for number in range(5):
            await asyncio.sleep(1)
            await queue.put(number)

    async def main() -> list[tuple[int, float]]:
        queue: asyncio.Queue[int] = asyncio.Queue(1)
        task = asyncio.create_task(produce(queue))
        found = [(await queue.get(), now()) for _ in range(5)]
        await task
        return found

    assert run(main) == [(n, n + 1) for n in range(5)]


def test_an_event_a_condition_and_a_lock() -> None:
    order: list[str] = []

    async def worker(name: str, lock: asyncio.Lock, start: asyncio.Event) -> None:
        await start.wait()
        async with lock:
            order.append(name)
            await asyncio.sleep(1)
            order.append(name)

    async def main() -> float:
        lock, start, condition = asyncio.Lock(), asyncio.Event(), asyncio.Condition()
        async with asyncio.TaskGroup() as group:
            for name in "abc":
                group.create_task(worker(name, lock, start))
            await asyncio.sleep(5)
            start.set()
        async with condition:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(condition.wait(), 1)
        return now()

    assert run(main) == 9
    assert order == list("aabbcc")


def test_cancelling_a_task() -> None:
    async def main() -> bool:
        task = asyncio.create_task(asyncio.sleep(9))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return now() == 1

    assert run(main)


def test_the_loop_is_the_running_one() -> None:
    loop = new_loop()

    async def main() -> list[bool]:
        here = asyncio.get_running_loop()
        return [here is loop, loop.is_running(), not loop.is_closed(), not loop.get_debug()]

    assert finish(loop, loop.create_task(main())) == [True] * 4
    assert not loop.is_running()


def test_a_loop_can_be_stepped_from_within_another() -> None:
    outer, inner = new_loop(), new_loop()

    async def main() -> tuple[float, float]:
        slept = finish(inner, inner.create_task(asyncio.sleep(5, "slept")))
        assert slept == "slept"
        return inner.time(), now()

    assert finish(outer, outer.create_task(main())) == (5, 0)


def test_running_lends_the_loop_to_plain_code() -> None:
    loop = new_loop()
    with running(loop):
        assert asyncio.get_running_loop() is loop
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


# ---- programs that go wrong ----------------------------------------------------------------------


async def poll() -> None:
    while True:  # noqa: ASYNC110 - which is the mistake
        await asyncio.sleep(0)


def test_a_program_that_polls_is_moved_on_after_a_thousand_turns() -> None:
    loop = new_loop()
    turns: list[int] = []

    def again() -> None:
        turns.append(loop.now)
        loop.call_soon(again)

    again()
    loop.run_ready()
    assert len(turns) == module.TURNS_PER_STEP + 1
    assert loop.next_timer() == POLL


def test_a_program_that_polls_for_ever_is_refused_at_its_line() -> None:
    loop = new_loop()
    task = loop.create_task(poll())
    with pytest.raises(Mistake, match="a loop that awaits nothing that takes time") as caught:
        finish(loop, task)
    assert any(entry.name == "poll" for entry in caught.traceback)


def test_a_program_that_polls_now_and_then_is_not_refused() -> None:
    async def main() -> float:
        for _ in range(module.RESTLESS_STEPS * 3):
            for _ in range(module.TURNS_PER_STEP // 2):
                await asyncio.sleep(0)
            await asyncio.sleep(0.001)
        return now()

    assert run(main) == pytest.approx(module.RESTLESS_STEPS * 3 / 1000)


def test_a_callback_that_fails_is_told() -> None:
    loop = new_loop()
    loop.call_soon(lambda: 1 / 0)
    loop.run_ready()
    assert isinstance(loop.problems[0]["exception"], ZeroDivisionError)


def test_a_task_that_fails_unseen_is_told_at_once() -> None:
    async def fail() -> None:
        raise ValueError("no")

    loop = new_loop()
    gc.disable()
    try:
        loop.create_task(fail())
        loop.run_ready()
        assert [str(problem["exception"]) for problem in loop.problems] == ["no"]
    finally:
        gc.enable()


def test_a_function_for_another_thread_runs_whole_at_a_later_turn() -> None:
    seen: list[str] = []

    async def blocks(name: str) -> str:
        def work() -> str:
            seen.extend([name, name])
            return name

        return await asyncio.to_thread(work)

    async def both() -> list[str]:
        first, second = asyncio.create_task(blocks("a")), asyncio.create_task(blocks("b"))
        await asyncio.sleep(0)
        seen.append("ready tasks run before it")
        return [await first, await second]

    loop = new_loop()
    task = loop.create_task(both())
    loop.run_ready()
    assert task.result() == ["a", "b"]
    assert seen == ["ready tasks run before it", "a", "a", "b", "b"]


def test_what_such_a_function_raises_reaches_who_awaits_it() -> None:
    loop = new_loop()
    task = loop.create_task(asyncio.to_thread(int, "x"))
    loop.run_ready()
    with pytest.raises(ValueError, match="invalid literal"):
        task.result()


def test_such_a_function_does_not_run_for_a_task_that_was_cancelled() -> None:
    seen: list[int] = []
    loop = new_loop()
    future = loop.run_in_executor(None, seen.append, 1)
    future.cancel()
    loop.run_ready()
    assert seen == []


REFUSED: dict[str, Callable[[VirtualLoop], Awaitable[Any]]] = {
    "no sockets": lambda loop: loop.create_connection(print, "localhost", 1),
    "one process": lambda loop: loop.subprocess_shell(print, "true"),
    "runs already": lambda loop: loop.run_until_complete(None),
    "no signals": lambda loop: loop.add_signal_handler(15, print),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_a_node_has_not_is_refused(sentence: str) -> None:
    with pytest.raises(Mistake, match=sentence):
        REFUSED[sentence](new_loop())
