"""What is said to the author of a node that writes what the protocol does not know.

Each sentence shows the line, says what was expected, and where `docs/protocol.md` says so.
"""

from __future__ import annotations

import msgspec

SHOWN = 200  # bytes of a line that a complaint shows
MESSAGE = (
    'expected was one JSON object on a line, as {"src": "n1", "dest": "n2", "body": {"type": "...", '
    '"msg_id": 1}}'
)
ERROR = (
    'expected was a body as {"type": "error", "in_reply_to": 1, "code": 11, "text": "..."}, with a whole '
    "number as code"
)


def see(section: str) -> str:
    """Where the protocol says so."""
    return f'(docs/protocol.md, "{section}")'


def shown(line: bytes | bytearray | msgspec.Raw) -> str:
    """A line as it can be printed: cut, with what is no text escaped."""
    data = memoryview(line)
    text = bytes(data[:SHOWN]).decode(errors="backslashreplace")
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return seen if len(data) <= SHOWN else f"{seen}... ({len(data):,} bytes)"


def malformed(line: bytes | msgspec.Raw, why: object) -> str:
    """A line that is no message."""
    return (
        f"sent what is no message ({why}): {shown(line)}; {MESSAGE}; all other text goes to standard "
        f"error {see('messages')}"
    )


def forged(line: bytes | msgspec.Raw, own: str, src: str) -> str:
    """A message in another's name."""
    return (
        f"sent a message in the name of {src!r}: {shown(line)}; expected was its own name, "
        f'"src": "{own}" {see("messages")}'
    )


def misfit(kind: str, line: bytes | msgspec.Raw, why: object) -> str:
    """A reply whose fields do not fit."""
    wanted, section = (ERROR, "errors") if kind == "error" else (MESSAGE, "messages")
    return f"answered {shown(line)}: {why}; {wanted} {see(section)}"


def endless(head: bytes | bytearray, limit: int) -> str:
    """A line that is too long."""
    return (
        f"wrote a line of over {limit} bytes, which begins with {shown(bytes(head[:SHOWN]))}; a message "
        f"ends with a newline, and is no longer than that {see('messages')}"
    )


def no_init_ok(id: str, what: str) -> str:
    """Something else than the answer to `init`."""
    return (
        f'{what}; expected was {{"src": "{id}", "dest": "c0", "body": {{"type": "init_ok", '
        f'"in_reply_to": 1}}}} and a newline {see("init")}'
    )
