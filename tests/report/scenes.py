"""Scenes for the tests of pictures: small stories, told in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from autograder.checkers.history import Operation
from autograder.cluster.trace import Event, Message
from autograder.report.picture import Scene

MS = 1_000
MAYBE, NO_KEY, WRONG_VERSION = 1001, 20, 22


@dataclass
class Story:
    """Events and operations as they are told; `at` milliseconds."""

    events: list[Event] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    sent: int = 0

    def happens(self, at: float, kind: str, node: str, detail: str = "") -> None:
        self.events.append(Event(int(at * MS), kind, node, None, detail))

    def sends(
        self,
        at: float,
        src: str,
        dest: str,
        body: dict[str, Any],
        *arrives: float,
        lost: bool = False,
    ) -> None:
        self.sent += 1
        line = msgspec.Raw(msgspec.json.encode({"src": src, "dest": dest, "body": body}))
        message = Message(
            self.sent, src, dest, body["type"], body.get("msg_id"), body.get("in_reply_to"), line
        )
        self.events.append(Event(int(at * MS), "send", src, message))
        self.events += [Event(int(when * MS), "deliver", dest, message) for when in arrives]
        if lost:
            self.events.append(Event(int(at * MS), "drop", dest, message, "lost"))

    def asks(
        self, client: str, node: str, name: str, *args: Any, at: float, until: float | None = None,
        result: Any = None, error: int | None = None,
    ) -> Operation:  # fmt: skip
        returned = None if until is None else int(until * MS)
        operation = Operation(client, name, args, int(at * MS), returned, result, error, node)
        self.operations.append(operation)
        return operation

    def scene(self, title: str, evidence: Sequence[Operation] = (), **words: Any) -> Scene:
        return Scene(
            title,
            events=sorted(self.events, key=lambda event: event.now),
            operations=sorted(self.operations, key=lambda operation: operation.invoked),
            evidence=evidence,
            **words,
        )


def started(*nodes: str) -> Story:
    story = Story()
    for node in nodes:
        story.happens(0, "start", node, "kv/server.py:KVServer")
    return story


def stale_read() -> Scene:
    """A put's reply is lost, its retry gives Maybe; later a read returns what was there before."""
    story = started("n1", "p1", "p2")
    story.happens(0.5, "cut", "", "a tenth of all messages is lost, the rest are late")
    story.asks("c1", "p1", "put", "x", "a", 0, at=2, until=5)
    story.sends(
        2.1, "p1", "n1", {"type": "put", "msg_id": 1, "key": "x", "value": "a", "version": 0}, 3
    )
    story.sends(3.1, "n1", "p1", {"type": "put_ok", "in_reply_to": 1}, 4.9)
    story.asks("c3", "p1", "put", "y", "long ago", 0, at=6, until=9)
    story.sends(6.1, "p1", "n1", {"type": "put", "msg_id": 2, "key": "y", "value": "long ago"}, 7)
    story.sends(7.1, "n1", "p1", {"type": "put_ok", "in_reply_to": 2}, 8.8)
    story.asks("c2", "p2", "put", "x", "b", 1, at=10, until=24, error=MAYBE)
    put = {"type": "put", "msg_id": 1, "key": "x", "value": "b", "version": 1}
    story.sends(10.2, "p2", "n1", put, 12)
    story.sends(12.1, "n1", "p2", {"type": "put_ok", "in_reply_to": 1}, lost=True)
    story.sends(20.1, "p2", "n1", {**put, "msg_id": 2}, 21.5)
    error = {"type": "error", "in_reply_to": 2, "code": WRONG_VERSION, "text": "x has version 2"}
    story.sends(21.6, "n1", "p2", error, 23.8)
    seen = story.asks("c1", "p1", "get", "x", at=14, until=18, result={"value": "b", "version": 2})
    story.sends(14.1, "p1", "n1", {"type": "get", "msg_id": 3, "key": "x"}, 15.4)
    story.sends(
        15.5, "n1", "p1", {"type": "get_ok", "in_reply_to": 3, "value": "b", "version": 2}, 17.8
    )
    stale = story.asks("c3", "p1", "get", "x", at=26, until=31, result={"value": "a", "version": 1})
    story.sends(26.1, "p1", "n1", {"type": "get", "msg_id": 4, "key": "x"}, 27.5)
    story.sends(
        27.6, "n1", "p1", {"type": "get_ok", "in_reply_to": 4, "value": "a", "version": 1}, 30.8
    )
    story.asks("c2", "p2", "put", "y", "now", 1, at=27, until=None)
    story.sends(
        27.2, "p2", "n1", {"type": "put", "msg_id": 3, "key": "y", "value": "now"}, lost=True
    )
    story.asks("c1", "p1", "get", "z", at=32, until=36, error=NO_KEY)
    story.sends(32.1, "p1", "n1", {"type": "get", "msg_id": 5, "key": "z"}, 33, 34.5)
    story.sends(33.1, "n1", "p1", {"type": "error", "in_reply_to": 5, "code": NO_KEY}, 35.9)
    return story.scene(
        "test_reads_are_never_stale",
        [seen, stale],
        promise="Once a value was read, no later get returns an older one.",
        seen="client c3 read version 1 of x 8 ms after client c1's get had returned version 2",
        command="autograder grade solutions --lab kv --seed 7 -k test_reads_are_never_stale",
    )


def lock_held_by_two() -> Scene:
    """The holder is paused, and the lock is given to another."""
    story = started("n1", "n2", "p1", "p2")
    story.happens(3, "cut", "", "partition: n1 | n2")
    story.happens(30, "heal", "", "partition: n1 | n2")
    first = story.asks("c1", "p1", "acquire", "l", at=2, until=6)
    story.sends(2.1, "p1", "n1", {"type": "put", "msg_id": 1, "key": "l", "value": "c1"}, 3.5)
    story.sends(3.6, "n1", "p1", {"type": "put_ok", "in_reply_to": 1}, 5.8)
    story.happens(10, "crash", "n2")
    story.happens(19, "start", "n2", "kv/server.py:KVServer")
    story.happens(11, "pause", "p1")
    story.happens(28, "resume", "p1")
    second = story.asks("c2", "p2", "acquire", "l", at=9, until=20)
    story.sends(9.1, "p2", "n1", {"type": "put", "msg_id": 1, "key": "l", "value": "c2"}, lost=True)
    story.sends(16.1, "p2", "n1", {"type": "put", "msg_id": 2, "key": "l", "value": "c2"}, 17)
    story.sends(17.1, "n1", "p2", {"type": "put_ok", "in_reply_to": 2}, 19.7)
    story.happens(22, "jump", "n2", "+3600 s")
    story.asks("c2", "p2", "release", "l", at=26, until=30)
    story.asks("c1", "p1", "release", "l", at=32, until=34, error=WRONG_VERSION)
    return story.scene(
        "test_one_holder",
        [first, second],
        promise="A lock is held by at most one client.",
        seen="c2 acquired l at 0.020 s while c1, which acquired it at 0.006 s, had not released it",
        command="autograder grade solutions --lab lock --seed 3",
    )


def duplicate_append() -> Scene:
    """A request that comes twice is done twice."""
    story = started("n1", "p1", "p2")
    story.happens(1, "cut", "", "every message may come a second time, up to 0.3 s later")
    append = {"type": "append", "msg_id": 1, "key": "k", "value": "a", "client": "c1", "number": 1}
    done = story.asks("c1", "p1", "append", "k", "a", at=2, until=5, result="")
    story.sends(2.2, "p1", "n1", append, 3.4, 141)
    story.sends(3.5, "n1", "p1", {"type": "append_ok", "in_reply_to": 1, "value": ""}, 4.8)
    story.sends(141.1, "n1", "p1", {"type": "append_ok", "in_reply_to": 1, "value": "a"}, 142)
    twice = story.asks("c2", "p2", "get", "k", at=150, until=156, result="aa")
    story.sends(150.2, "p2", "n1", {"type": "get", "msg_id": 1, "key": "k"}, 152)
    story.sends(152.1, "n1", "p2", {"type": "get_ok", "in_reply_to": 1, "value": "aa"}, 155.7)
    return story.scene(
        "test_appends_happen_once",
        [done, twice],
        promise="An append whose request is duplicated is done once.",
        seen="c2 read 'aa' from k, to which one 'a' was appended",
        command="autograder grade solutions --lab exactly_once --seed 5",
    )


def many(messages: int) -> Scene:
    """A long run of that many messages, of which the evidence is in the middle."""
    story = started("n1", "n2", "n3", "p1", "p2")
    rounds = messages // 4
    for n in range(rounds):
        at, client, key = 1 + n * 1.7, n % 4, f"k{n % 7}"
        home, server = f"p{1 + client % 2}", f"n{1 + n % 3}"
        number = n * 2 + 1
        story.asks(f"c{client + 1}", home, "put", key, str(n), n // 7, at=at, until=at + 5)
        put = {"type": "put", "msg_id": number, "key": key, "value": str(n), "version": n // 7}
        story.sends(at + 0.1, home, server, put, at + 1.1)
        story.sends(at + 1.2, server, home, {"type": "put_ok", "in_reply_to": number}, at + 4.9)
        append = {"type": "append_entries", "msg_id": number, "term": 3, "entries": [n]}
        story.sends(at + 0.3, server, f"n{1 + (n + 1) % 3}", append, at + 0.8, lost=n % 10 == 0)
        story.sends(at + 1.5, f"n{1 + (n + 1) % 3}", server,
                    {"type": "append_entries_ok", "in_reply_to": number, "term": 3}, at + 1.9)  # fmt: skip
    middle = story.operations[rounds // 2 : rounds // 2 + 2]
    return story.scene(
        "test_of_a_long_run", middle, promise="Much happens.", seen="two puts collide"
    )


ATTACKS = [
    "</script><script>hacked('script')</script>",
    "<img src=x onerror=\"hacked('image')\">",
    "\"><svg onload='hacked(1)'>",
    "' onmouseover='hacked(2)' x='",
    "]]><script>hacked('cdata')</script>",
    "<!--<script>",
    "javascript:hacked('link')",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "left\u202eright\u2066",
    "\x00\x08\x9b\ud800\ufffe",
    "{{constructor.constructor('hacked(3)')()}}",
    "&lt;script&gt;hacked(4)&lt;/script&gt;",
    "</style></svg></figure><script>hacked('closed')</script>",
]


def hostile(text: str) -> Scene:
    """A scene in which every text that a run can choose is an attack."""
    story = started(text, "n1", "p1")
    story.happens(1, "cut", "", text)
    story.happens(2, "crash", text, text)
    story.happens(3, "start", text, text)
    story.happens(4, "pause", "p1", text)
    story.happens(5, text, "n1", text)
    story.happens(5, "file", "n1", text)
    asked = story.asks(text, "p1", "put", text, text, 0, at=6, until=9, result=text)
    story.asks(
        text, "p1", text, text, text, text, text, text, at=10, until=12, result=[text, {text: text}]
    )
    story.asks("c2", "p1", "get", text, at=6, until=9, result={"value": text, "version": text})
    sendable = text.encode(errors="replace").decode()
    body = {"type": sendable, "msg_id": 1, "key": sendable, "value": sendable, "code": sendable}
    story.sends(6.1, "p1", sendable, body, 7, 150)
    story.sends(
        7.1, sendable, "p1", {"type": "error", "in_reply_to": 1, "code": sendable}, lost=True
    )
    drop = story.events[-1]
    story.events[-1] = Event(8 * MS, "drop", "p1", drop.message, text)
    return story.scene(
        text, [asked], promise=text, seen=f"{text}\nthe nodes printed:\n{text}", command=text
    )
