"""The worker: does one task after another (Dean & Ghemawat 2004, section 3.1).

Files in the shared folder:

    mr-X-Y      the pairs of map task X that belong to reduce task Y
    mr-out-Y    the output of reduce task Y
"""

# Your imports here.
from labs.node import CallTimeout, Node, Request, RPCError
from mapreduce.app import App, format_line, read_input
from mapreduce.messages import Exit, GetTask, MapDone, MapTask, ReduceDone, ReduceTask, Wait

POLL = 0.1  # seconds between two requests of a worker that has nothing to do
CALL_TIMEOUT = 0.3  # seconds after which a message or its reply counts as lost
TRIES = 50  # calls without an answer, one after another, until a worker gives up: 15 s

# All workers must agree on which reduce task a key belongs to.
# Your code here.


class Worker(Node):
    """Asks `coordinator` for tasks and does them with `app`, until it is told that the job is over.

    All files are in `folder`; an input may also have an absolute path. An output or intermediate
    file appears whole or not at all. A worker whose coordinator does not answer any more gives up.
    """

    def __init__(self, coordinator: str, app: App, folder: str) -> None:
        raise NotImplementedError("Worker.__init__ is yours to write")

    async def main(self) -> None:
        """Returns when the job is over, or when the coordinator does not answer any more."""
        # Ask for a task, do it, report it. A single CallTimeout says nothing.
        raise NotImplementedError("Worker.main is yours to write")

    # Map, reduce, and a way to put a file in its place.
    # Your code here.
