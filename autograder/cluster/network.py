"""The network: every message passes here, so it can lose, delay, duplicate and record any of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from random import Random
from types import TracebackType
from typing import Protocol

import msgspec

from autograder.cluster import complaints, rules
from autograder.cluster.errors import Unsupported
from autograder.cluster.rules import Rule
from autograder.cluster.trace import Message, Trace
from labs.node.messages import UNREADABLE, Header

LEAST_DELAY, MOST_DELAY = 50, 500  # microseconds that a healthy link takes


class Wire(msgspec.Struct):
    """A message as a node emits it."""

    src: str
    dest: str
    body: Header


decode_wire = msgspec.json.Decoder(Wire).decode


class Carrier(Protocol):
    """What delivers a message at a time, in microseconds."""

    @property
    def carries(self) -> bool:
        """Whether what nodes send each other passes here."""

    def deliver_at(self, when: int, message: Message) -> None:
        """Hand the message to its destination then."""

    def note(self, kind: str, detail: str) -> None:
        """Keep in the trace that the network changes now."""


class Installed:
    """A rule at work. `remove` it, or leave its `with` block."""

    def __init__(self, network: Network, rule: Rule, what: str) -> None:
        self._network = network
        self.rule = rule
        self.what = what

    def remove(self) -> None:
        """Take the rule away; does nothing the second time."""
        self._network.uninstall(self)

    def __enter__(self) -> Installed:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.remove()


class Network:
    """Carries messages between the nodes of one cluster, unordered, each after a little time.

    `demand` says why a message must not be, or None: what a protocol asks beyond an address and a type.
    """

    demand: Callable[[Message], str | None] | None = None

    def __init__(self, carrier: Carrier, trace: Trace, random: Random) -> None:
        self._carrier = carrier
        self._trace = trace
        self._random = random
        self._installed: list[Installed] = []
        self._sent = 0

    def rule(self, rule: Rule, among: Collection[str] | None = None, what: str = "") -> Installed:
        """Install a rule, for all messages or for those of the nodes named; `what` is it in words.

        Raises `Unsupported` on a host whose nodes talk past the cluster.
        """
        if not self._carrier.carries:
            raise Unsupported("this host carries no messages between nodes: it can lose none")
        whole = rule if among is None else rules.only(rule, among)
        installed = Installed(self, whole, what or rules.describe(whole))
        self._installed.append(installed)
        self._carrier.note("cut", installed.what)
        return installed

    def uninstall(self, installed: Installed) -> None:
        """Take a rule away."""
        if installed in self._installed:
            self._installed.remove(installed)
            self._carrier.note("heal", installed.what)

    def heal(self) -> None:
        """Take all rules away."""
        for installed in [*self._installed]:
            self.uninstall(installed)

    def unreliable(self) -> Installed:
        """Lose a tenth of all messages and hold the others up, as the original labs do."""
        return self.rule(rules.unreliable())

    def long_reordering(self) -> Installed:
        """Hold two thirds of the replies up for up to 2.4 s, as the original labs do."""
        return self.rule(rules.reorder_replies())

    def partition(self, *groups: Collection[str]) -> Installed:
        """Cut the links between groups, both ways."""
        return self.rule(rules.partition(*groups))

    def cut(self, sources: Collection[str], dests: Collection[str]) -> Installed:
        """Cut the links from `sources` to `dests`, one way."""
        return self.rule(rules.cut(sources, dests))

    def isolate(self, node: str) -> Installed:
        """Cut one node off from everyone."""
        rule = rules.only(rules.lose(1.0), {node})
        return self.rule(rule, what=f"{node} is cut off")

    def send(self, now: int, src: str, line: msgspec.Raw) -> None:
        """Take a message from `src`; raises `ValueError` if it is none, or names another sender."""
        message = self._read(src, line)
        self._trace.add(now, "send", src, message)
        delays = self._delays(message)
        if not delays:
            self._trace.add(now, "drop", message.dest, message, "lost")
        for late in delays:
            self._carrier.deliver_at(now + late, message)

    def _read(self, src: str, line: msgspec.Raw) -> Message:
        try:
            wire = decode_wire(line)
            if self.demand is not None:
                require_text(line)
        except UNREADABLE as error:
            raise ValueError(complaints.malformed(line, error)) from None
        if wire.src != src:
            raise ValueError(complaints.forged(line, src, wire.src))
        self._sent += 1
        body = wire.body
        message = Message(
            self._sent, src, wire.dest, body.type, body.msg_id, body.in_reply_to, line
        )
        if self.demand is not None and (problem := self.demand(message)):
            raise ValueError(problem)
        return message

    def _delays(self, message: Message) -> list[int]:
        """How late each copy arrives, in microseconds; empty if the message is lost."""
        random = self._random
        if not self._installed:
            return [LEAST_DELAY + int(random.random() * (MOST_DELAY - LEAST_DELAY))]
        late = rules.through((i.rule for i in self._installed), message, random)
        return [
            int(seconds * 1e6) + LEAST_DELAY + int(random.random() * (MOST_DELAY - LEAST_DELAY))
            for seconds in late
        ]


def require_text(line: msgspec.Raw) -> None:
    """Raise `ValueError` for what is no UTF-8; the decoder skips what it is not asked for."""
    data = bytes(line)
    if not data.isascii():
        data.decode()
