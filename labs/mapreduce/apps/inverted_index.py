"""In which inputs each word occurs."""

import re
from collections.abc import Iterator

WORD = re.compile(r"[^\W\d_]+")  # letters, of any alphabet


class InvertedIndex:
    """For each word, the number of inputs that hold it, and their names (section 2.3)."""

    def map(self, filename: str, contents: str) -> Iterator[tuple[str, str]]:
        """Each word of the text, once, and where it was found."""
        # A dict keeps the order of the text; a set's order would be another in every process.
        for word in dict.fromkeys(WORD.findall(contents)):
            yield word, filename

    def reduce(self, key: str, values: list[str]) -> str:
        """How many inputs, and their names: `2 a.txt,b.txt`."""
        names = sorted(set(values))
        return f"{len(names)} {','.join(names)}"
