"""Texts of students for a place where nbgrader shows Markdown, HTML and code: they do nothing there."""

from __future__ import annotations

from autograder.report.text import block

SHOWN = 50_000  # characters of one text; what a highlighter can colour in a second
TAB = "&#32;" * 4


def plain(text: str, limit: int = SHOWN) -> str:
    """At most `limit` characters of a text as it can stand in a cell of code."""
    return block(text.replace("\r\n", "\n").replace("\r", "\n"), limit)


def entities(text: str) -> str:
    """A text as HTML that is the same in Markdown: whatever could mean anything there is a number.

    Markdown knows links, raw HTML, formulas and attachments, so escaping the four characters that mean
    something in HTML would not do.
    """
    return "".join(
        character
        if character.isascii() and character.isalnum()
        else TAB
        if character == "\t"
        else f"&#{ord(character)};"
        for character in text
    )


def preformatted(text: str, limit: int = SHOWN) -> str:
    """A text as a cell of Markdown that shows it, letter by letter, with its lines."""
    return f"<pre>{entities(plain(text, limit))}</pre>"
