"""Word count that says when each call begins and ends, and takes its time where it is told to."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator


class Witness:
    """Counts words, and prints a line `@nonce begin map "book-1.txt"` for everything that it does.

    `naps` says how many seconds a call sleeps: `{"map": 1}` for every map, `{"map book-1.txt": 1}` for
    one input, `{"map #3": 1}` for the third map of this worker; the same for reduce and its keys.
    With `wild`, every third call takes up to so many seconds more.
    """

    def __init__(self, nonce: str, naps: dict[str, float], wild: float = 0.0) -> None:
        self._nonce = nonce
        self._naps = naps
        self._wild = wild
        self._calls = Counter[str]()

    def map(self, filename: str, contents: str) -> Iterator[tuple[str, str]]:
        """Each word of the text, and how often it occurs there; sleeps after the first."""
        self._say("begin", "map", filename)
        counts = iter(Counter(contents.split()).items())
        for word, count in counts:
            yield word, str(count)
            break
        self._nap("map", filename)
        for word, count in counts:
            yield word, str(count)
        self._say("end", "map", filename)

    def reduce(self, key: str, values: list[str]) -> str:
        """How often a word occurs in all texts."""
        self._say("begin", "reduce", key)
        self._nap("reduce", key)
        total = str(sum(map(int, values)))
        self._say("end", "reduce", key)
        return total

    def _say(self, event: str, kind: str, name: str) -> None:
        print(f"@{self._nonce} {event} {kind} {json.dumps(name)}")

    def _nap(self, kind: str, name: str) -> None:
        self._calls[kind] += 1
        places = (f"{kind} {name}", f"{kind} #{self._calls[kind]}", kind)
        seconds = next((self._naps[place] for place in places if place in self._naps), 0.0)
        if self._wild and random.random() < 1 / 3:
            seconds += random.uniform(0, self._wild)
        if seconds:
            time.sleep(seconds)
