"""Sessions, the clients of a test: objects of the program under test that do its operations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from autograder.checkers.history import Operation, short
from autograder.cluster.errors import NodeFault
from labs.node.errors import RPCError
from labs.node.hosts.control import Invocation, Response
from labs.node.messages import UNREADABLE

if TYPE_CHECKING:
    from autograder.cluster.cluster import Cluster
    from autograder.cluster.member import Member

ResultT = TypeVar("ResultT")


class SessionLost(Exception):
    """The process of a session was killed; the operation has no response, and there will be none."""


class Session:
    """One client. Operations that it invokes are in the history of the cluster."""

    def __init__(
        self, cluster: Cluster, id: str, member: Member, number: int, program: str
    ) -> None:
        self.id = id
        self.member = member
        self.number = number  # among the sessions of its process
        self.program = program.rpartition(":")[2]
        self._cluster = cluster

    async def invoke(self, name: str, *args: Any, type: type[ResultT] | Any = Any) -> Any:
        """Do one operation: call the method of that name, and return what it returns.

        Raises the `RPCError` that the method raises, `SessionLost` if the process is killed, and
        `NodeFault` if the result is not of the type that is promised.
        """
        value, returned = await self._cluster.calls.invoke(self, name, args)
        try:
            result = msgspec.json.decode(value, type=type)
        except UNREADABLE as error:
            raise NodeFault(
                self.id, f"{self.program}.{name} returned {short_json(value)}: {error}"
            ) from None
        self._cluster.history.end(returned.number, returned.now, result)
        return result

    @property
    def last(self) -> Operation:
        """The last operation that it was asked for; there must be one."""
        return self._cluster.history.last(self.id)

    def __repr__(self) -> str:
        return self.id


def short_json(value: msgspec.Raw) -> str:
    """What an operation returned, in a few words."""
    return short(bytes(value)[:80].decode(errors="replace"))


class Pending(NamedTuple):
    """An operation without a response yet."""

    member: Member
    response: asyncio.Future[tuple[msgspec.Raw, Returned]]


class Returned(NamedTuple):
    """Where an operation stands in the history, and when it returned, in microseconds."""

    number: int
    now: int


class Calls:
    """The operations that have been invoked and have no response yet."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pending: dict[int, Pending] = {}

    async def invoke(
        self, session: Session, name: str, args: tuple[Any, ...]
    ) -> tuple[msgspec.Raw, Returned]:
        """Hand an operation to the process of a session, and await its response."""
        cluster, member = self._cluster, session.member
        if not member.running:
            raise SessionLost(f"{session.id} is gone")
        number = cluster.history.begin(session.id, name, args, cluster.engine.now, member.id)
        response: asyncio.Future[tuple[msgspec.Raw, Returned]]
        response = asyncio.get_running_loop().create_future()
        self._pending[number] = Pending(member, response)
        if not member.invocations:  # else it will be woken anyway
            cluster.steps.wake_soon(member)
        member.invocations.append(Invocation(number, session.number, name, list(args)))
        return await response

    def take(self, member: Member, response: Response) -> None:
        """Take the response of an operation from the process that was asked for it."""
        pending = self._pending.get(response.number)
        if pending is None or pending.member is not member:
            raise NodeFault(member.id, "broke the control protocol: a response to nothing")
        del self._pending[response.number]
        returned = Returned(response.number, member.clock)
        if response.error is not None:
            self._cluster.history.end(*returned, error=response.error)
        self._cluster.engine.at(member.clock, lambda: settle(pending, response, returned))

    def lose(self, member: Member) -> None:
        """A process is gone: its operations have no response."""
        for number, pending in [*self._pending.items()]:
            if pending.member is member:
                del self._pending[number]
                if not pending.response.done():
                    pending.response.set_exception(SessionLost(f"{member.id} was killed"))


def settle(pending: Pending, response: Response, returned: Returned) -> None:
    """Wake the test that awaits a response."""
    if pending.response.done():
        return
    if response.error is None:
        pending.response.set_result((response.value, returned))
    else:
        pending.response.set_exception(RPCError.from_code(response.error, response.text))
