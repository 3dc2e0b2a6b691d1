"""Messages as lines from lane to lane."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from autograder.checkers.history import Operation
from autograder.cluster.trace import Message
from autograder.report import words
from autograder.report.lanes import Lanes
from autograder.report.scene import Journey, body
from autograder.report.shapes import LABEL, Facets, Shape
from autograder.report.text import block, line

LATE = 100_000  # microseconds: two hundred times what a healthy link takes at most
LOST = "lost"  # what the network says of a message that a rule swallowed
BODIES, BODY, LEAST_BODY = 2_000_000, 1_500, 200  # characters: of all bodies, of one, at least
LONG = 64_000  # bytes of a body that is not worth reading for a picture

Call = tuple[str, int | None]


class Mail:
    """All messages of a run, and which of them concern which operation."""

    def __init__(self, all_journeys: Sequence[Journey]) -> None:
        self.journeys = all_journeys
        self.room = max(min(BODIES // max(len(all_journeys), 1), BODY), LEAST_BODY)
        self.bodies = [{} if len(j.message.line) > LONG else body(j.message) for j in all_journeys]
        self._asked: dict[Call, tuple[int, str]] = {}  # a request's number, and its key
        for journey, content in zip(all_journeys, self.bodies, strict=True):
            message = journey.message
            if message.msg_id is not None:
                asked = message.number, words.key_in(content)
                self._asked[message.src, message.msg_id] = asked

    def key(self, journey: Journey, content: dict[str, Any]) -> str:
        """The key that a message is about: its own, or that of the request which it answers."""
        request = self._asked.get((journey.message.dest, journey.message.in_reply_to))
        return words.key_in(content) or (request[1] if request else "")

    def about(self, operations: Sequence[Operation]) -> set[int]:
        """The numbers of the messages by which these operations were done, as far as can be told.

        A request concerns an operation if it left its process while the operation ran, and names no
        other key; so does the reply to it.
        """
        found: set[int] = set()
        for journey, content in zip(self.journeys, self.bodies, strict=True):
            message = journey.message
            request = self._asked.get((message.dest, message.in_reply_to))
            key = words.key_in(content)
            if any(of_operation(journey, key, operation) for operation in operations) or (
                request and request[0] in found
            ):
                found.add(message.number)
        return found


def of_operation(journey: Journey, key: str, operation: Operation) -> bool:
    """Whether a message is a request of an operation."""
    return (
        journey.message.src == operation.node
        and journey.message.in_reply_to is None
        and operation.invoked <= journey.sent
        and (operation.returned is None or journey.sent <= operation.returned)
        and key in ("", words.key_of(operation))
    )


def messages(mail: Mail, lanes: Lanes, hot: set[int], dim: bool) -> Iterator[Shape]:
    """Lines for all messages: those in `hot` stand out, the others are dimmed if `dim`."""
    for journey, content in zip(mail.journeys, mail.bodies, strict=True):
        light = "hot" if journey.message.number in hot else "dim" if dim else ""
        text = shown_body(journey.message, mail.room)
        yield from message_lines(journey, content, mail.key(journey, content), text, lanes, light)


def message_lines(
    journey: Journey, content: dict[str, Any], key: str, text: str, lanes: Lanes, light: str
) -> Iterator[Shape]:
    """A line for each copy that arrived, and one for each that was lost."""
    message = journey.message
    y0, y1 = lanes.node_y(message.src), lanes.node_y(message.dest)
    kind = "request" if message.in_reply_to is None else "reply"
    name = label(journey, content)
    route = f"{name}, {line(message.src, 24)} to {line(message.dest, 24)}"
    who = (line(message.src, LABEL), line(message.dest, LABEL))
    facets = Facets(key, who, "", line(message.type, LABEL))

    def copy(end: int, until: float, note: str, *looks: str) -> Shape:
        look = " ".join(filter(None, ("message", kind, *looks, light)))
        said, title = (f"{name} {note}", f"{route}: {note}") if note else (name, route)
        return Shape("line", journey.sent, end, y0, until, look, said, title, text, facets)

    for number, when in enumerate(journey.arrived, 1):
        late = when - journey.sent > LATE
        note = " ".join(
            [*([f"copy {number}"] if number > 1 else []),
             *([f"{words.duration(when - journey.sent)} late"] if late else [])]
        )  # fmt: skip
        yield copy(when, y1, note, "copy" if number > 1 else "", "late" if late else "")
    for when, why in journey.lost:
        note = line(LOST if why in ("", LOST) else f"{LOST}: {why}", LABEL)
        yield copy(when, (y0 + y1) / 2 if why == LOST else y1, note, LOST)
    if not journey.arrived and not journey.lost:
        yield copy(journey.sent, (y0 + y1) / 2, "under way at the end", "pending")


def label(journey: Journey, content: dict[str, Any]) -> str:
    """A message in a word or two; an error with its code."""
    name = line(journey.message.type, 32)
    code = content.get("code")
    return f"{name} {code}" if name == "error" and isinstance(code, int) else name


def shown_body(message: Message, limit: int) -> str:
    """The body of a message, for readers: indented, and cut if it is long."""
    raw = bytes(message.line)
    try:
        whole = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]) if len(raw) <= LONG else {}
        pretty = msgspec.json.format(bytes(whole["body"]), indent=2)
    except (msgspec.DecodeError, KeyError, RecursionError):
        pretty = raw[: 4 * BODY]
    return block(pretty.decode(errors="replace"), limit)
