"""The trace: every message and every fault of a run, in order."""

from __future__ import annotations

import hashlib

import msgspec


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message under way. `number` tells messages of one run apart; `line` is what was sent."""

    number: int
    src: str
    dest: str
    type: str
    msg_id: int | None
    in_reply_to: int | None
    line: msgspec.Raw


class Event(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened, at `now` microseconds, to `node`.

    `kind` is `send`, `deliver`, `drop`, `start`, `exit`, `crash`, `pause`, `resume`, `slow`, `jump`,
    `file` or `disk`; or, of the whole network, `cut` and `heal`, which begin and end a fault. `detail`
    says more in words.
    """

    now: int
    kind: str
    node: str
    message: Message | None = None
    detail: str = ""


class Trace:
    """Events of one run, as they happened."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(
        self, now: int, kind: str, node: str, message: Message | None = None, detail: str = ""
    ) -> None:
        """Append an event."""
        self.events.append(Event(now, kind, node, message, detail))

    def lines(self) -> list[bytes]:
        """The trace as lines of JSON; a message's text stands where it was sent."""
        return [encode(event) for event in self.events]

    def digest(self) -> str:
        """SHA-256 over the lines: equal for equal runs."""
        return hashlib.sha256(b"\n".join(self.lines())).hexdigest()


def encode(event: Event) -> bytes:
    """One event as a line of JSON."""
    record: dict[str, object] = {"now": event.now, "kind": event.kind, "node": event.node}
    if event.message is not None:
        record["message"] = event.message.number
        if event.kind == "send":
            record["line"] = event.message.line
    if event.detail:
        record["detail"] = event.detail
    return msgspec.json.encode(record)
