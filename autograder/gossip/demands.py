"""What the protocol demands of every message of a node, beyond that it is one."""

from __future__ import annotations

from autograder.cluster import Cluster
from autograder.cluster.complaints import see, shown
from autograder.cluster.trace import Message
from autograder.gossip.client import Names

FEW = 50_000  # messages that nodes may send in any run
FOR_EACH = 300  # more of them for each operation: a flood among 25 neighbours takes as many


class Demands:
    """Why a message of a node must not be: see `Network.demand`.

    Messages are counted: nodes that tell each other the same without end would fill the machine.

    A late reply, or one that comes twice, is right. So is one of another node than the one that was asked.
    """

    def __init__(self, cluster: Cluster, names: Names) -> None:
        self._cluster = cluster
        self._names = names
        self._known: set[str] = set()
        self._most = FEW
        self._sent = 0

    def allow(self, operations: float) -> None:
        """Let nodes send what so many operations more may take."""
        self._most += int(FOR_EACH * operations)

    def problem(self, message: Message) -> str | None:
        """What is wrong with a message, in a sentence."""
        if message.src not in self._cluster.members:
            return None
        self._sent += 1
        if self._sent > self._most:
            return (
                f"sent a message after {self._most:,} of the nodes of this run: that is a storm, in which "
                "nodes tell each other the same again and again"
            )
        if asked := self._names.asked.get(message.dest):
            return self._to_client(message, asked())
        if message.dest in self._known or self._exists(message):
            return None
        return (
            f"sent {shown(message.line)}: there is no {message.dest!r}; expected was the name of a node, a "
            f"client or a service {see('messages')}"
        )

    def _exists(self, message: Message) -> bool:
        """Whether somebody has the name that a message is for; nodes start one after the other."""
        cluster, dest = self._cluster, message.dest
        peers = cluster.members[message.src].program.peers
        found = dest in cluster.endpoints or dest in cluster.members or dest in peers
        if found:
            self._known.add(dest)
        return found

    def _to_client(self, message: Message, asked: int) -> str | None:
        """What is wrong with a message to a client, which has asked so often."""
        number = message.in_reply_to
        if number is None:
            return (
                f"sent a client what is no reply: {shown(message.line)}; expected was an in_reply_to, "
                f"since clients take nothing but replies {see('messages')}"
            )
        if not 1 <= number <= asked:
            return (
                f"answered a request that {message.dest} never made: {shown(message.line)}; expected was "
                f"the msg_id of a request as in_reply_to {see('messages')}"
            )
        return None
