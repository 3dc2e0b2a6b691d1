"""An app that shows what `map` was given."""

from collections.abc import Iterator


class Contents:
    """The name of each input is a key, and its contents are the value."""

    def map(self, filename: str, contents: str) -> Iterator[tuple[str, str]]:
        """The input as it is."""
        yield filename, contents

    def reduce(self, key: str, values: list[str]) -> str:
        """The contents; what came more than once stands there more than once."""
        return "".join(values)
