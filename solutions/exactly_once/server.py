"""The server: executes every operation once, however often its request comes."""

# BEGIN SOLUTION
from typing import NamedTuple

# END SOLUTION
from exactly_once.messages import Append, AppendOk, Get, GetOk, OldRequest, Put, PutOk
from labs.node import Node, handler

# BEGIN SOLUTION: What must be remembered of a client, and from when until when?


class _Done(NamedTuple):
    """The last request of a client that has put or appended: its number, and what an append found."""

    number: int
    old: str = ""


# END SOLUTION


class Server(Node):
    """Keeps the values of keys; a key that nobody has set has the empty value.

    Of each client that has put or appended it remembers one operation, the last, and the answer to that
    until the client's next request comes. Of one that only gets it remembers nothing.
    """

    def __init__(self) -> None:
        # BEGIN SOLUTION
        self._values: dict[str, str] = {}
        self._done: dict[str, _Done] = {}  # by client
        # END SOLUTION

    @handler
    async def get(self, request: Get) -> GetOk:
        """The value now. To read twice does no harm, so a copy is answered like any other."""
        # BEGIN SOLUTION: It is a client's next request, too.
        last = self._done.get(request.client)
        if last is not None and request.number > last.number:
            self._done[request.client] = _Done(request.number)
        return GetOk(self._values.get(request.key, ""))
        # END SOLUTION

    @handler
    async def put(self, request: Put) -> PutOk:
        """Set a key to a value, once. A copy of an older request is answered with OldRequest."""
        # BEGIN SOLUTION
        if self._last_answer(request) is None:
            self._values[request.key] = request.value
            self._done[request.client] = _Done(request.number)
        return PutOk()
        # END SOLUTION

    @handler
    async def append(self, request: Append) -> AppendOk:
        """Append to the value of a key, once, and return the old one: to every copy the same.

        A copy of an older request is answered with OldRequest.
        """
        # BEGIN SOLUTION
        old = self._last_answer(request)
        if old is None:
            old = self._values.get(request.key, "")
            self._values[request.key] = old + request.value
            self._done[request.client] = _Done(request.number, old)
        return AppendOk(old)
        # END SOLUTION

    # BEGIN SOLUTION
    def _last_answer(self, request: Put | Append) -> str | None:
        """What was answered if this is the client's last request again; None if it is a new one."""
        last = self._done.get(request.client)
        if last is None or request.number > last.number:
            return None
        if request.number < last.number:
            raise OldRequest(f"{request.client} has had its answer to request {request.number}")
        return last.old

    # END SOLUTION
