"""How often each word occurs in all inputs together."""

import re
from collections import Counter
from collections.abc import Iterator

WORD = re.compile(r"[^\W\d_]+")  # letters, of any alphabet


class WordCount:
    """Counts the words of a split first, and then adds up the counts of all splits.

    Counting early is what the paper calls a combiner (section 4.3): a thousand times "the" in a
    split travel as one pair.
    """

    def map(self, filename: str, contents: str) -> Iterator[tuple[str, str]]:
        """Each word of the text, and how often it occurs there."""
        for word, count in Counter(WORD.findall(contents)).items():
            yield word, str(count)

    def reduce(self, key: str, values: list[str]) -> str:
        """How often a word occurs in all texts."""
        return str(sum(map(int, values)))
