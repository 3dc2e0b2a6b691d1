"""Text from runs, made safe to show: it is whatever a student's program wrote."""

from __future__ import annotations

import html
import re

import msgspec

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
# Controls, marks that turn or hide the text around them, and what XML or UTF-8 cannot hold.
UNFIT = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ud800-\udfff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)

SEEN, SENTENCE = 8_000, 600  # characters of what was seen, and of a promise, a command or a problem


def block(text: str, limit: int) -> str:
    """At most `limit` characters of a text; `\N{REPLACEMENT CHARACTER}` where one cannot be shown."""
    head = text[: 2 * limit]  # so that a megabyte costs what a line costs
    shown = UNFIT.sub("\N{REPLACEMENT CHARACTER}", ANSI.sub("", head.replace("\r\n", "\n")))
    cut = len(shown) > limit or len(head) < len(text)
    return f"{shown[: limit - 1]}…" if cut else shown


def line(text: str, limit: int) -> str:
    """The same on one line."""
    return block(text, limit).replace("\n", "⏎").replace("\t", " ")


def escaped(text: str) -> str:
    """A text as HTML or XML, inside an element or a quoted attribute."""
    return html.escape(text, quote=True)


def attributes(**values: str | float) -> str:
    """Attributes of an element, each after a space; `class_` stands for `class`."""
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escaped(str(value))}"'
        for name, value in values.items()
    )


def script_json(data: object) -> str:
    """Data as JSON that can stand inside a `<script>`: no character in it can end the element."""
    text = msgspec.json.encode(data).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
