"""Keys and values that are hard to keep apart, and many of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from random import Random

Pair = tuple[str, str]

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
RECORDS = 10_000
WIDTH = 400  # characters of a record


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
