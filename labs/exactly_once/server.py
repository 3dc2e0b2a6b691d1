"""The server: executes every operation once, however often its request comes."""

# Your imports here.
from exactly_once.messages import Append, AppendOk, Get, GetOk, OldRequest, Put, PutOk
from labs.node import Node, handler

# What must be remembered of a client, and from when until when?
# Your code here.


class Server(Node):
    """Keeps the values of keys; a key that nobody has set has the empty value.

    Of each client that has put or appended it remembers one operation, the last, and the answer to that
    until the client's next request comes. Of one that only gets it remembers nothing.
    """

    def __init__(self) -> None:
        raise NotImplementedError("Server.__init__ is yours to write")

    @handler
    async def get(self, request: Get) -> GetOk:
        """The value now. To read twice does no harm, so a copy is answered like any other."""
        # It is a client's next request, too.
        raise NotImplementedError("Server.get is yours to write")

    @handler
    async def put(self, request: Put) -> PutOk:
        """Set a key to a value, once. A copy of an older request is answered with OldRequest."""
        raise NotImplementedError("Server.put is yours to write")

    @handler
    async def append(self, request: Append) -> AppendOk:
        """Append to the value of a key, once, and return the old one: to every copy the same.

        A copy of an older request is answered with OldRequest.
        """
        raise NotImplementedError("Server.append is yours to write")

    # Your code here.
