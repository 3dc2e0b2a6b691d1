"""The examples of docs/protocol.md, as bytes."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from autograder.catalog import REPOSITORY
from autograder.cluster.network import decode_wire

PAGE = (REPOSITORY / "docs" / "protocol.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (\d+) \| ([a-z-]+) \| (yes|no) \|", re.MULTILINE)


class Example(NamedTuple):
    """One line of the page."""

    section: str
    line: bytes

    @property
    def message(self) -> dict[str, Any]:
        """The whole message."""
        found: dict[str, Any] = msgspec.json.decode(self.line)
        return found

    @property
    def body(self) -> dict[str, Any]:
        """The body of the message."""
        found: dict[str, Any] = self.message["body"]
        return found

    @property
    def is_reply(self) -> bool:
        """Whether it answers another."""
        return decode_wire(self.line).body.in_reply_to is not None


def sections() -> dict[str, str]:
    """The text of each section, by its heading."""
    parts = SECTION.split(PAGE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def examples(section: str) -> list[Example]:
    """The examples of a section, in order."""
    blocks = BLOCK.findall(sections()[section])
    return [Example(section, line.encode()) for block in blocks for line in block.splitlines()]


def all_examples() -> list[Example]:
    """Every example of the page."""
    return [example for section in sections() for example in examples(section)]


def error_codes() -> dict[int, tuple[str, bool]]:
    """The table of errors: name, and whether it is definite."""
    rows = ROW.findall(sections()["errors"])
    return {int(code): (name, definite == "yes") for code, name, definite in rows}
