"""An app whose inputs are the pairs themselves, so that a test decides about every character."""

import json
from collections.abc import Iterator


class Pairs:
    """An input is a JSON list of `[key, value]`; the output for a key are its values, joined by `|`.

    The values stand in the order in which they came, or sorted, as `sort` says.
    """

    def __init__(self, sort: bool) -> None:
        self._sort = sort

    def map(self, filename: str, contents: str) -> Iterator[tuple[str, str]]:
        """The pairs of the input."""
        for key, value in json.loads(contents):  # noqa: UP028 - lists are no tuples
            yield key, value

    def reduce(self, key: str, values: list[str]) -> str:
        """The values as one text."""
        return "|".join(sorted(values) if self._sort else values)
