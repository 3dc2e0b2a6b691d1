"""The lines of all inputs that hold a word: the paper's distributed grep (section 2.3)."""

import re
from collections.abc import Iterator


class WordSearch:
    """Finds the lines that hold `word`, as a whole word and in this spelling.

    The key is the place of a line, `file:number` with numbers from 1, and the value is its text.
    """

    def __init__(self, word: str) -> None:
        self._word = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")

    def map(self, filename: str, contents: str) -> Iterator[tuple[str, str]]:
        """The lines of the text that hold the word."""
        for number, line in enumerate(contents.splitlines(), start=1):
            if self._word.search(line):
                yield f"{filename}:{number}", line

    def reduce(self, key: str, values: list[str]) -> str:
        """The line itself: one place has one text."""
        return values[0]
