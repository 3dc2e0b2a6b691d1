"""The calls of an executable that was started again.

It numbers them from the beginning, as it knows nothing of its former life. So a late reply to that life
could answer a call of this one. On a real machine the connections of the former life are gone, and such a
reply with them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from labs.node.messages import UNREADABLE, decode_envelope, encode_envelope

APART = 10_000_000  # calls of one life

Body = dict[str, msgspec.Raw]
decode_body = msgspec.json.Decoder(Body).decode


class Calls:
    """Numbers the calls of each life apart; those of the first life are left as they are.

    Nothing but `msg_id` and `in_reply_to` is touched.
    """

    def __init__(self, life: int) -> None:
        self._first = APART * (life - 1)

    def out(self, line: bytes) -> msgspec.Raw:
        """A message as others get it. What is none is left to the network to refuse."""
        return msgspec.Raw((self._first and shifted(line, "msg_id", self._first)) or line)

    def back(self, line: msgspec.Raw) -> bytes | None:
        """A message as the executable gets it; None for a reply to a former life."""
        if not self._first:
            return bytes(line)
        try:
            number = number_in(line, "in_reply_to")
        except UNREADABLE:
            return bytes(line)
        if number is None:
            return bytes(line)
        own = self._first <= number < self._first + APART
        return shifted(line, "in_reply_to", -self._first) if own else None


def number_in(line: msgspec.Raw | bytes, field: str) -> int | None:
    """A number of a message's body."""
    found = decode_body(decode_envelope(line).body).get(field)
    number: Any = None if found is None else msgspec.json.decode(found)
    return number if isinstance(number, int) else None


def shifted(line: msgspec.Raw | bytes, field: str, by: int) -> bytes | None:
    """A message with a number of its body changed; None if it has none."""
    try:
        envelope = decode_envelope(line)
        body, number = decode_body(envelope.body), number_in(line, field)
    except UNREADABLE:
        return None
    if number is None:
        return None
    body[field] = msgspec.Raw(msgspec.json.encode(number + by))
    return encode_envelope(envelope.src, envelope.dest, msgspec.json.encode(body))
