"""Workloads: what clients ask of nodes, and what must hold of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from autograder.checkers.finding import Judgement
from autograder.checkers.history import History
from autograder.gossip.load import Load

if TYPE_CHECKING:
    from autograder.gossip.client import Client


class Request(NamedTuple):
    """An operation for a client to do."""

    name: str
    args: tuple[Any, ...] = ()


class Workload(Protocol):
    """One kind of load. A workload is made for one run and may keep what it has asked.

    `reads` are the operations without effect: without an answer they have failed, and nothing is open.
    """

    name: str
    reads: frozenset[str]

    async def prepare(self, clients: Sequence[Client], load: Load) -> None:
        """Tell the nodes what they must know before the load; `clients` has one for each node."""

    def next(self, client: Client, random: Random) -> Request:
        """The next operation, for this client."""

    async def perform(self, client: Client, request: Request) -> Any:
        """Do an operation, and give its result as it stands in the history.

        Raises `RPCError` for an error that the node answers, or that it did not answer in time.
        """

    def last(self, client: Client) -> Sequence[Request]:
        """What each client asks at the end, when the network is whole and has been quiet."""

    def judge(self, history: History, quiet: int) -> Judgement:
        """Whether what was promised held, and figures by Maelstrom's names.

        At `quiet`, in microseconds, the network had been whole and quiet for long: what was invoked later
        are the last questions.
        """
