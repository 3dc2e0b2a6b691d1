"""What a worker and the coordinator say to each other.

    worker -> coordinator      coordinator -> worker
    GetTask                    MapTask | ReduceTask | Wait | Exit
    MapDone, ReduceDone        Noted

These messages are yours to change: the tests never look inside. Any of them may be lost, come late
or come twice. A report of a map task and one of a reduce task are different types, so that "map 3
is done", however late, cannot be taken for "reduce 3 is done".
"""

from dataclasses import dataclass

from labs.node import Message, Request


@dataclass(frozen=True)
class MapTask(Message):
    """Apply `map` to the input `file`, and part the pairs into `mr-{number}-0` and so on."""

    number: int
    file: str
    n_reduce: int


@dataclass(frozen=True)
class ReduceTask(Message):
    """Apply `reduce` to the pairs of `mr-0-{number}` and so on, and write `mr-out-{number}`."""

    number: int
    n_map: int


@dataclass(frozen=True)
class Wait(Message):
    """There is nothing to do now, but there may be later: ask again."""


@dataclass(frozen=True)
class Exit(Message):
    """The job is over."""


Assignment = MapTask | ReduceTask | Wait | Exit


@dataclass(frozen=True)
class GetTask(Request[Assignment]):
    """A worker has nothing to do. `worker` is a name that no other worker has, nor ever had."""

    worker: str


@dataclass(frozen=True)
class Noted(Message):
    """The coordinator has heard the report."""


@dataclass(frozen=True)
class MapDone(Request[Noted]):
    """All intermediate files of a map task are in place."""

    worker: str
    number: int


@dataclass(frozen=True)
class ReduceDone(Request[Noted]):
    """The output file of a reduce task is in place."""

    worker: str
    number: int
