"""The coordinator: what the paper calls the master (Dean & Ghemawat 2004, section 3).

It hands out the tasks of one job, and never touches the data.
"""

# BEGIN SOLUTION
import asyncio
from dataclasses import dataclass
from enum import Enum

# END SOLUTION
from labs.node import Node, handler
from mapreduce.messages import (
    Assignment,
    Exit,
    GetTask,
    MapDone,
    MapTask,
    Noted,
    ReduceDone,
    ReduceTask,
    Wait,
)

TASK_TIMEOUT = 10.0  # seconds after which a task that was given goes to another worker

# BEGIN SOLUTION: What must be remembered of each task? See section 3.2.


class _State(Enum):
    """The state of a task (section 3.2)."""

    IDLE = "idle"
    IN_PROGRESS = "in progress"
    COMPLETED = "completed"


@dataclass
class _Task:
    """A task, and who has had it since when."""

    assignment: MapTask | ReduceTask
    state: _State = _State.IDLE
    worker: str = ""
    given: float = 0.0

    def is_free(self) -> bool:
        """Whether another worker may have it: nobody does, or whoever does is slow or dead."""
        if self.state is _State.IN_PROGRESS:
            return _now() >= self.given + TASK_TIMEOUT
        return self.state is _State.IDLE

    def is_with(self, worker: str) -> bool:
        """Whether this worker was the last to get it, and has not reported it."""
        return self.state is _State.IN_PROGRESS and self.worker == worker

    def give(self, worker: str) -> MapTask | ReduceTask:
        """Note that the worker has it from now on."""
        self.state, self.worker, self.given = _State.IN_PROGRESS, worker, _now()
        return self.assignment


def _all_completed(tasks: list[_Task]) -> bool:
    return all(task.state is _State.COMPLETED for task in tasks)


def _now() -> float:
    return asyncio.get_running_loop().time()


# END SOLUTION


class Coordinator(Node):
    """Gives every task to a worker, and again to another if it is not done after ten seconds.

    `files` are the inputs, one map task each; there may be none. `n_reduce`, at least 1, is the
    number of reduce tasks. No reduce task is given before every map task is done.
    """

    def __init__(self, files: list[str], n_reduce: int) -> None:
        # BEGIN SOLUTION
        self._maps = [_Task(MapTask(x, file, n_reduce)) for x, file in enumerate(files)]
        self._reduces = [_Task(ReduceTask(y, len(files))) for y in range(n_reduce)]
        self._heard: dict[str, float] = {}  # when, by worker, until told to exit
        self._job_is_over = asyncio.Event()
        # END SOLUTION

    async def main(self) -> None:
        """Returns when the job is over and the workers know, or cannot be reached to be told."""
        # BEGIN SOLUTION
        await self._job_is_over.wait()
        while self._is_awaited():  # noqa: ASYNC110 - it is time that ends this, not an event
            await asyncio.sleep(0.1)
        # END SOLUTION

    @handler
    async def get_task(self, request: GetTask) -> Assignment:
        """Give a worker something to do; a worker that asks twice gets the same task."""
        # BEGIN SOLUTION: That a worker is late can be noticed when the next one asks.
        if self._job_is_over.is_set():
            self._heard.pop(request.worker, None)
            return Exit()
        self._heard[request.worker] = _now()
        task = self._task_for(request.worker)
        return task.give(request.worker) if task else Wait()
        # END SOLUTION

    @handler
    async def map_done(self, request: MapDone) -> Noted:
        """Take note that a map task is done, whoever did it and however late the report is."""
        # BEGIN SOLUTION: Can a report become false while it travels?
        # Whoever reports has put all files in place, and every run of a task leaves the same
        # files. So a report stays true however late it comes, and may come twice (section 3.3).
        self._hear(request.worker)
        self._maps[request.number].state = _State.COMPLETED
        return Noted()
        # END SOLUTION

    @handler
    async def reduce_done(self, request: ReduceDone) -> Noted:
        """Take note that a reduce task is done; with the last one the job is over."""
        # BEGIN SOLUTION
        self._hear(request.worker)
        self._reduces[request.number].state = _State.COMPLETED
        if _all_completed(self._reduces):
            self._job_is_over.set()
        return Noted()
        # END SOLUTION

    # BEGIN SOLUTION
    def _task_for(self, worker: str) -> _Task | None:
        """The task that a worker gets; None if all that are left are in progress."""
        tasks = self._reduces if _all_completed(self._maps) else self._maps
        # A worker does one task at a time. If it asks while it has one, the reply was lost, or
        # this request is a copy of an earlier one; in both cases another task would be wasted.
        mine = (task for task in tasks if task.is_with(worker))
        free = (task for task in tasks if task.is_free())
        return next(mine, None) or next(free, None)

    def _hear(self, worker: str) -> None:
        """Note that a worker is alive, unless it was told to exit and this report comes twice."""
        if worker in self._heard:
            self._heard[worker] = _now()

    def _is_awaited(self) -> bool:
        """Whether a worker that was not told to exit may still ask.

        One that has been silent for so long is dead, or slow. A slow one gives up by itself later,
        and so does one whose Exit was lost: nobody can be sure that a last message arrives.
        """
        return any(_now() < heard + TASK_TIMEOUT for heard in self._heard.values())

    # END SOLUTION
