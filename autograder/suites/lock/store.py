"""A versioned store that the cluster itself serves: what a clerk is told, a test decides.

It says `Maybe` where a clerk on a bad network might, and nowhere else: of a put that it has done, or
that it has refused because the key has another version.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import msgspec

from autograder.checkers.deciders.versions import MAYBE
from autograder.cluster import Cluster
from autograder.cluster.trace import Message
from labs.node import KeyDoesNotExist, MalformedRequest, PreconditionFailed
from labs.node.messages import UNREADABLE, decode_envelope

OK, MISSING, MISMATCH = 0, KeyDoesNotExist.code, PreconditionFailed.code


class Get(msgspec.Struct, tag_field="type", tag="get"):
    """A get as it comes from the network."""

    key: str


class Put(msgspec.Struct, tag_field="type", tag="put"):
    """A put as it comes from the network."""

    key: str
    value: str
    version: int


class Entry(NamedTuple):
    """What is stored under a key."""

    value: str
    version: int


class Asked(NamedTuple):
    """A request that has just been done or refused (`error`), and is not answered yet."""

    now: float  # seconds
    client: str  # the process that asked
    request: Get | Put
    error: int

    @property
    def changed(self) -> bool:
        """Whether it was a put, and was done."""
        return isinstance(self.request, Put) and self.error == OK

    @property
    def doubtful(self) -> bool:
        """Whether a clerk might be told Maybe of it."""
        return isinstance(self.request, Put) and self.error in (OK, MISMATCH)


class Answer(NamedTuple):
    """How a request is answered: as it is, or by Maybe; at once, or so many seconds later."""

    maybe: bool = False
    late: float = 0.0


Policy = Callable[[Asked], Answer]
decode_request = msgspec.json.Decoder(Get | Put).decode


def honest(asked: Asked) -> Answer:
    """Answer as it is, at once."""
    return Answer()


def always_maybe(asked: Asked) -> Answer:
    """Say Maybe of every put."""
    return Answer(maybe=True)


def unreliable(random: Random) -> Policy:
    """Say Maybe of every third put, and be up to 30 ms late."""
    return lambda asked: Answer(random.random() < 1 / 3, random.uniform(0, 0.03))


class Store:
    """The store. `policy` says how requests are answered; `asked` are all of them so far."""

    def __init__(self, cluster: Cluster, policy: Policy = honest, id: str = "store") -> None:
        self.id = id
        self.policy = policy
        self.asked: list[Asked] = []
        self._cluster = cluster
        self._entries: dict[str, Entry] = {}
        cluster.attach(id, self._receive)

    def _receive(self, message: Message) -> None:
        """Do what a request asks for, and answer it as the policy says."""
        body = decode_envelope(message.line).body
        try:
            request = decode_request(body)
        except UNREADABLE as problem:
            send_reply(self._cluster, message, failure(MalformedRequest.code, str(problem)))
            return
        error, reply = self._do(request)
        asked = Asked(self._cluster.now, message.src, request, error)
        self.asked.append(asked)
        answer = self.policy(asked)
        if answer.maybe and asked.doubtful:
            reply = failure(MAYBE, "the put may have been done")
        send_reply(self._cluster, message, reply, answer.late)

    def _do(self, request: Get | Put) -> tuple[int, dict[str, Any]]:
        """The error that a request ends with, and its reply."""
        entry = self._entries.get(request.key)
        if isinstance(request, Get):
            if entry is None:
                return MISSING, failure(MISSING, "there is no such key")
            return OK, {"type": "get_ok", **entry._asdict()}
        version = entry.version if entry else 0
        if request.version != version:
            error = MISMATCH if entry else MISSING
            return error, failure(error, f"the version is {version}")
        self._entries[request.key] = Entry(request.value, version + 1)
        return OK, {"type": "put_ok"}


def send_reply(cluster: Cluster, message: Message, body: dict[str, Any], late: float = 0.0) -> None:
    """Answer a message, in the name of whom it was for, so many seconds late."""
    if message.msg_id is None:
        return
    src, reply = message.dest, {**body, "in_reply_to": message.msg_id}
    line = msgspec.json.encode({"src": src, "dest": message.src, "body": reply})
    engine, network = cluster.engine, cluster.network
    when = engine.now + int(late * 1e6)
    engine.at(when, lambda: network.send(engine.now, src, msgspec.Raw(line)))


def failure(code: int, text: str) -> dict[str, Any]:
    """The body of a reply that is an error."""
    return {"type": "error", "code": code, "text": text}
