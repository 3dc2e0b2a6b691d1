"""The coordinator: what the paper calls the master (Dean & Ghemawat 2004, section 3).

It hands out the tasks of one job, and never touches the data.
"""

# Your imports here.
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

# What must be remembered of each task? See section 3.2.
# Your code here.


class Coordinator(Node):
    """Gives every task to a worker, and again to another if it is not done after ten seconds.

    `files` are the inputs, one map task each; there may be none. `n_reduce`, at least 1, is the
    number of reduce tasks. No reduce task is given before every map task is done.
    """

    def __init__(self, files: list[str], n_reduce: int) -> None:
        raise NotImplementedError("Coordinator.__init__ is yours to write")

    async def main(self) -> None:
        """Returns when the job is over and the workers know, or cannot be reached to be told."""
        raise NotImplementedError("Coordinator.main is yours to write")

    @handler
    async def get_task(self, request: GetTask) -> Assignment:
        """Give a worker something to do; a worker that asks twice gets the same task."""
        # That a worker is late can be noticed when the next one asks.
        raise NotImplementedError("Coordinator.get_task is yours to write")

    @handler
    async def map_done(self, request: MapDone) -> Noted:
        """Take note that a map task is done, whoever did it and however late the report is."""
        # Can a report become false while it travels?
        raise NotImplementedError("Coordinator.map_done is yours to write")

    @handler
    async def reduce_done(self, request: ReduceDone) -> Noted:
        """Take note that a reduce task is done; with the last one the job is over."""
        raise NotImplementedError("Coordinator.reduce_done is yours to write")

    # Your code here.
