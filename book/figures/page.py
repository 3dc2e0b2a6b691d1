"""What a figure is: HTML that is complete in a page, with the styles and scripts that it brings along."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

CODE = re.compile(r"`([^`]+)`")
STATIC = Path(__file__).resolve().parents[1] / "static"


class Shown(Protocol):
    """Whatever shows itself in a cell."""

    def _repr_html_(self) -> str: ...


@dataclass(frozen=True)
class Figure:
    """A piece of HTML, and the same in words for where there is none.

    `assets` are the styles and scripts that it needs, complete elements: they stand behind it in its cell,
    so that it works in a notebook as in a page, and a figure of figures holds each of them once.
    """

    html: str
    words: str
    assets: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        return self.html + "".join(self.assets)

    def __repr__(self) -> str:
        return self.words


def figure_of(shown: Shown) -> Figure:
    """Anything that shows itself, as a figure."""
    if isinstance(shown, Figure):
        return shown
    made = getattr(shown, "figure", None)
    if callable(made):
        found = made()
        if isinstance(found, Figure):
            return found
    return Figure(shown._repr_html_(), repr(shown))


def once(assets: Iterable[str]) -> tuple[str, ...]:
    """Each asset once, in the order of their first uses."""
    return tuple(dict.fromkeys(assets))


@cache
def assets(*kinds: str) -> tuple[str, ...]:
    """The styles that all figures share, and those and the scripts of some kinds: of book/static."""
    files = [STATIC / f"{kind}{end}" for kind in ("figures", *kinds) for end in (".css", ".js")]
    return tuple(element(file) for file in files if file.exists())


def element(file: Path) -> str:
    """A style or a script as an element of a page."""
    tag = "style" if file.suffix == ".css" else "script"
    return f"<{tag}>{file.read_text(encoding='utf-8')}</{tag}>"


def text(said: str) -> str:
    """A text as HTML, inside an element or a quoted attribute."""
    return html.escape(said, quote=True)


def prose(said: str) -> str:
    """A sentence as HTML: what stands between backticks is code."""
    return CODE.sub(r"<code>\1</code>", text(said))
