"""The two markers of a region, and the errors of who sets them wrong."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class StubsError(Exception):
    """No stubs can be computed; the one sentence says why."""


class MarkerError(StubsError):
    """A mistake of the solution's author: the file, the line, and one sentence."""

    def __init__(self, filename: str, line: int, sentence: str) -> None:
        super().__init__(f"{filename}:{line}: {sentence}")
        self.filename = filename
        self.line = line
        self.sentence = sentence


class Refused(Exception):
    """What becomes a `MarkerError` where the name of the file is known."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True)
class Region:
    """The lines of a pair of markers, from 1; what is cut out stands between them."""

    begin: int
    end: int
    indent: str
    hint: str


def regions(lines: Sequence[str]) -> Iterator[Region]:
    """The regions in order; refuses markers that are misspelt or do not pair."""
    begin, opened = 0, None
    for line, marker in _markers(lines):
        if not marker["end"]:
            if opened:
                raise Refused(line, f"a region begins inside the one that began in line {begin}.")
            begin, opened = line, marker
        elif not opened:
            raise Refused(line, "a region ends here that never began.")
        elif marker["indent"] != opened["indent"]:
            raise Refused(line, f"indent this marker like its partner in line {begin}.")
        else:
            yield Region(begin, line, opened["indent"], opened["hint"] or "")
            opened = None
    if opened:
        raise Refused(begin, "this region never ends.")


_MARKER = re.compile(
    r"(?P<indent>\s*)# (?:BEGIN SOLUTION(?:: (?P<hint>\S.*))?|(?P<end>END SOLUTION))"
)
_HELP = (
    "this resembles a marker; write `# BEGIN SOLUTION`, `# BEGIN SOLUTION: a hint` or "
    "`# END SOLUTION`, alone on its line."
)


def _markers(lines: Sequence[str]) -> Iterator[tuple[int, re.Match[str]]]:
    for number, line in enumerate(lines, start=1):
        if marker := _MARKER.fullmatch(line.rstrip()):
            yield number, marker
        elif any(map(_resembles_marker, line.split("#")[1:])):
            raise Refused(number, _HELP)


def _resembles_marker(comment: str) -> bool:
    """Whether a comment opens with words like "begin" and "solution", apart or as one."""
    words = re.findall("[a-z]+", comment.lower())[:3]
    apart = _like(words, "begin", "end") and _like(words, "solution")
    return apart or _like(words, "beginsolution", "endsolution", cutoff=0.9)


def _like(words: Sequence[str], *wanted: str, cutoff: float = 0.75) -> bool:
    return any(get_close_matches(word, wanted, cutoff=cutoff) for word in words)
