"""An app for large inputs, which says how much memory its process has used."""

import sys
from collections.abc import Iterator

WIDTH = 8  # characters of a key


class Records:
    """Each line of an input is a record: a key of eight characters, and a value.

    Prints `@nonce peak N` with the most bytes of memory that the process ever held, whenever that
    has grown; first when it starts, before it has read anything.
    """

    def __init__(self, nonce: str) -> None:
        self._nonce = nonce
        self._peak = 0
        self._look()

    def map(self, filename: str, contents: str) -> Iterator[tuple[str, str]]:
        """The records of the input."""
        self._look()
        for line in contents.split("\n"):
            yield line[:WIDTH], line[WIDTH:]
        self._look()

    def reduce(self, key: str, values: list[str]) -> str:
        """The value of the record."""
        self._look()
        return "".join(values)

    def _look(self) -> None:
        peak = most_memory()
        if peak > self._peak:
            self._peak = peak
            print(f"@{self._nonce} peak {peak}")


def most_memory() -> int:
    """The most bytes that this process ever held; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
