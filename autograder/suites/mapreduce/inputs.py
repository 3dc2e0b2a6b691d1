"""Inputs of jobs, another for every seed, and what must come of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random

from autograder.cluster import Cluster

Pair = tuple[str, str]

WORDS = (
    *("the", "of", "and", "a", "to", "in", "he", "that", "was", "it", "his", "is", "with", "as"),
    *("for", "had", "you", "not", "be", "her", "on", "at", "by"),
)

# What a format of lines, of fields, of quotes or of file names may stumble over; what some function
# of Python takes for the end of a line; and text that looks like other text.
PIECES = (
    *("", " ", "  ", "\t", "\n", "\r", "\r\n", "\\", "\\n", "\\t", "\\\\n", "a\tb", "a\nb", "a\\"),
    *("\0", "\x0b", "\x0c", "\x1c", "\x1e", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "\xa0"),
    *('"', "'", ",", ":", ";", "[", "]", "{}", "%s", "null", "0", "00", "-1", "1e3", "#", "|", "/"),
    *("../x", "mr-0-0", "mr-out-0", "key", "Key", "KEY", " key", "key ", "a b", "a  b"),
    *(
        "\xe9",
        "e\u0301",
        "\u0301",
        "\xdf",
        "\u0130",
        "\u03c2",
        "\u05d0\u05d1",
        "\u0915\u094d\u0937",
    ),
    *("\u4e2d", "\uff21", "\U0001f600", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0010ffff"),
)
RECORDS = 5_000
WIDTH = 800  # characters of a record


def texts(cluster: Cluster, number: int = 4, words: int = 60) -> dict[str, str]:
    """Small books of common words, a different one for every seed."""
    choose = cluster.random.choice
    return {f"book-{n}.txt": " ".join(choose(WORDS) for _ in range(words)) for n in range(number)}


def count_words(files: Mapping[str, str | bytes]) -> dict[str, str]:
    """What word count must find in texts of plain words."""
    texts = (text if isinstance(text, str) else text.decode() for text in files.values())
    counts = Counter(word for text in texts for word in text.split())
    return {word: str(count) for word, count in counts.items()}


def many_words(cluster: Cluster, number: int, files: int = 1) -> dict[str, str]:
    """Inputs with the same words, so many different ones, none of which means anything."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = {"".join(cluster.random.choices(letters, k=6)) for _ in range(number)}
    return {f"book-{n}.txt": " ".join(sorted(words)) for n in range(files)}


def few_words(cluster: Cluster) -> dict[str, str]:
    """Four inputs with six words between them."""
    words = cluster.random.sample(WORDS, 6)
    return {f"book-{n}.txt": " ".join(cluster.random.choices(words, k=30)) for n in range(4)}


def any_pairs(random: Random) -> list[Pair]:
    """Every piece as a key and as a value, and others made of several."""
    values = random.sample(PIECES, len(PIECES))
    mixed = [
        ("".join(random.sample(PIECES, 3)), "".join(random.sample(PIECES, 3))) for _ in "x" * 20
    ]
    pairs = [*zip(PIECES, values, strict=True), *mixed]
    random.shuffle(pairs)
    return pairs


def to_json(pairs: Iterable[Pair]) -> str:
    """An input for the app `Pairs`."""
    return json.dumps(list(pairs), ensure_ascii=False)


def joined(pairs: Iterable[Pair]) -> dict[str, str]:
    """The output of the app `Pairs`."""
    values: dict[str, list[str]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    return {key: "|".join(found) for key, found in values.items()}


def record_lines(random: Random) -> str:
    """An input of 4 MB for the app `Records`: lines whose first eight characters are all different."""
    digits = random.randbytes(RECORDS * WIDTH // 2).hex()
    width = WIDTH - 6
    lines = (f"{n:05}{digits[n * width : (n + 1) * width]}" for n in range(RECORDS))
    return "\n".join(lines)


def records_of(text: str) -> dict[str, str]:
    """The output of the app `Records`."""
    return {line[:8]: line[8:] for line in text.split("\n")}
